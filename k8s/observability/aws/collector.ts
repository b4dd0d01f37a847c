// Alloy on AWS: the configuration of a laptop's cluster, shared out among several where the environment is redundant.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../../namespaces.ts';
import { ChartPart } from '../../operators/chart-part.ts';
import { resourcesOf } from '../../operators/resources.ts';
import type { AwsOverlay } from '../../overlays.ts';
import { addObject } from '../../part.ts';
import { PORTS } from '../addresses.ts';
import { alloyConfig } from '../alloy-config.ts';
import { COLLECTOR_NETWORK } from './network.ts';

const RESTRICTED = {
  runAsUser: 10_001,
  runAsGroup: 10_001,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

export function collectorPart(app: App, overlay: AwsOverlay): ChartPart {
  const { isRedundant } = overlay.settings.gitops;
  const namespaces = [NAMESPACES.shop, NAMESPACES.observability, NAMESPACES.load];
  const part = new ChartPart(app, 'alloy', {
    overlay,
    project: 'observability',
    wave: 'watch',
    namespace: NAMESPACES.observability,
    chart: 'alloy',
    values: {
      fullnameOverride: 'alloy',
      crds: { create: false },
      controller: {
        type: 'deployment',
        replicas: isRedundant ? 2 : 1,
        volumes: { extra: [{ name: 'storage', emptyDir: { sizeLimit: '128Mi' } }] },
      },
      // Roles in these namespaces alone, instead of one over all.
      rbac: { namespaces },
      alloy: {
        clustering: { enabled: isRedundant },
        configMap: { content: alloyConfig({ namespaces, isClustered: isRedundant }) },
        storagePath: '/var/lib/alloy',
        mounts: { extra: [{ name: 'storage', mountPath: '/var/lib/alloy' }] },
        enableReporting: false,
        extraPorts: [{ name: 'otlp', port: PORTS.otlp, targetPort: PORTS.otlp, protocol: 'TCP' }],
        securityContext: RESTRICTED,
        resources: resourcesOf('50m', '192Mi', '384Mi'),
      },
      configReloader: { enabled: false },
      serviceMonitor: { enabled: true },
    },
  });
  for (const policy of COLLECTOR_NETWORK) addObject(part, policy);
  return part;
}
