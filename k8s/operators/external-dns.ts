// ExternalDNS: points the names of the shop and its services to their load balancer. It keeps no ownership record, since nothing else writes
// those names (stacks/aws/shop-record.ts), and so must see no other: below them are the pictures'.
import type { App } from 'cdk8s';
import { imagesHostName } from '../../stacks/host-names.ts';
import type { AwsOverlay } from '../overlays.ts';
import { addObject } from '../part.ts';
import { ChartPart } from './chart-part.ts';
import { operatorRules } from './network.ts';
import { type ContainerResources, resourcesOf } from './resources.ts';

export interface ExternalDnsValues {
  readonly provider: { readonly name: 'aws' };
  readonly serviceAccount: { readonly name: string };
  readonly sources: readonly ['ingress'];
  /** `sync` also takes the record away, once its Ingress is gone. */
  readonly policy: 'sync';
  readonly registry: 'noop';
  readonly domainFilters: readonly string[];
  readonly excludeDomains: readonly string[];
  readonly managedRecordTypes: readonly ('A' | 'AAAA')[];
  readonly extraArgs: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly logFormat: 'json';
  readonly serviceMonitor: { readonly enabled: boolean };
  readonly resources: ContainerResources;
}

/** Also of its service account, as the pod identity in the stack `aws` has it. */
const NAME = 'external-dns';

export function externalDnsPart(app: App, overlay: AwsOverlay): ChartPart {
  const { settings } = overlay;
  const part = new ChartPart<ExternalDnsValues>(app, NAME, {
    overlay,
    project: 'operators',
    wave: 'operators',
    namespace: 'kube-system',
    chart: 'external-dns',
    values: {
      provider: { name: 'aws' },
      serviceAccount: { name: NAME },
      sources: ['ingress'],
      policy: 'sync',
      registry: 'noop',
      domainFilters: [settings.edge.hostName],
      excludeDomains: [imagesHostName(settings)],
      managedRecordTypes: ['A', 'AAAA'],
      // The zone may be that of a domain above the shop's name.
      extraArgs: ['--aws-zone-type=public', '--aws-zone-match-parent'],
      env: [{ name: 'AWS_REGION', value: settings.aws.region }],
      logFormat: 'json',
      serviceMonitor: { enabled: true },
      resources: resourcesOf('10m', '64Mi', '128Mi'),
    },
  });
  addObject(
    part,
    operatorRules(overlay, {
      name: NAME,
      labels: { 'app.kubernetes.io/name': NAME },
      metricsOn: 7_979,
      asksAws: true,
    }),
  );
  return part;
}
