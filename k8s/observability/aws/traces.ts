// Tempo on AWS: one program that keeps a week of traces on a disk.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../../namespaces.ts';
import { ChartPart } from '../../operators/chart-part.ts';
import { resourcesOf } from '../../operators/resources.ts';
import type { AwsOverlay } from '../../overlays.ts';
import { addObject } from '../../part.ts';
import { PORTS } from '../addresses.ts';
import { TRACES_NETWORK } from './network.ts';
import { DISKS } from './volumes.ts';

export function tracesPart(app: App, overlay: AwsOverlay): ChartPart {
  const part = new ChartPart(app, 'tempo', {
    overlay,
    project: 'observability',
    wave: 'watch',
    namespace: NAMESPACES.observability,
    chart: 'tempo',
    values: {
      fullnameOverride: 'tempo',
      tempo: {
        reportingEnabled: false,
        retention: '168h',
        streamOverHttpEnabled: true,
        receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${PORTS.otlp}` } } } },
        resources: resourcesOf('100m', '384Mi', '1Gi'),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
      persistence: { enabled: true, size: '20Gi', storageClassName: DISKS },
      serviceMonitor: { enabled: true },
    },
  });
  for (const policy of TRACES_NETWORK) addObject(part, policy);
  return part;
}
