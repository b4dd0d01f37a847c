// Loki on AWS: one program over the bucket that the `aws` stack makes for it, by the role of its account.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../../namespaces.ts';
import { ChartPart } from '../../operators/chart-part.ts';
import { resourcesOf } from '../../operators/resources.ts';
import type { AwsOverlay } from '../../overlays.ts';
import { addObject } from '../../part.ts';
import { SCHEMA } from '../loki.ts';
import { lokiBucket } from './names.ts';
import { LOGS_NETWORK } from './network.ts';
import { DISKS } from './volumes.ts';

export function logsPart(app: App, overlay: AwsOverlay): ChartPart {
  const part = new ChartPart(app, 'loki', {
    overlay,
    project: 'observability',
    wave: 'watch',
    namespace: NAMESPACES.observability,
    chart: 'loki',
    values: valuesOf(overlay),
  });
  for (const policy of LOGS_NETWORK) addObject(part, policy);
  return part;
}

const ABSENT = { enabled: false } as const;
const NO_REPLICAS = { replicas: 0 } as const;

const valuesOf = (overlay: AwsOverlay) => ({
  deploymentMode: 'Monolithic',
  fullnameOverride: 'loki',
  // The stack's right is bound to this name.
  serviceAccount: { create: true, name: 'loki' },
  loki: {
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    commonConfig: { replication_factor: 1 },
    schemaConfig: { configs: [{ ...SCHEMA, object_store: 's3' }] },
    storage: {
      type: 's3',
      bucketNames: { chunks: lokiBucket(overlay), ruler: lokiBucket(overlay) },
      s3: { region: overlay.settings.aws.region },
    },
    limits_config: {
      allow_structured_metadata: true,
      retention_period: '720h',
      reject_old_samples_max_age: '24h',
    },
    compactor: { retention_enabled: true, delete_request_store: 's3' },
  },
  singleBinary: {
    replicas: 1,
    persistence: { enabled: true, size: '10Gi', storageClass: DISKS },
    resources: resourcesOf('100m', '384Mi', '1Gi'),
  },
  read: NO_REPLICAS,
  write: NO_REPLICAS,
  backend: NO_REPLICAS,
  // Caches of gigabytes, a web server before one program, and a probe that writes all the time.
  chunksCache: ABSENT,
  resultsCache: ABSENT,
  gateway: ABSENT,
  lokiCanary: ABSENT,
  test: ABSENT,
  sidecar: { rules: ABSENT },
  monitoring: { serviceMonitor: { enabled: true } },
});
