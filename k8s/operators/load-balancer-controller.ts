// The AWS Load Balancer Controller: makes the shop's load balancer from its Ingress. Its rights are in
// stacks/aws/load-balancer-controller.ts; what they leave out is switched off here.
import type { App } from 'cdk8s';
import { namePrefix } from '../../stacks/settings.ts';
import type { AwsOverlay } from '../overlays.ts';
import { addObject } from '../part.ts';
import { ChartPart, type MadeOnce } from './chart-part.ts';
import { operatorRules } from './network.ts';
import { type ContainerResources, resourcesOf } from './resources.ts';

export interface LoadBalancerControllerValues {
  readonly fullnameOverride: string;
  readonly replicaCount: number;
  readonly podDisruptionBudget: { readonly minAvailable?: number };
  readonly clusterName: string;
  readonly region: string;
  /** By which it finds its VPC: pods do not reach the metadata of their node. */
  readonly vpcTags: Readonly<Record<string, string>>;
  readonly serviceAccount: { readonly name: string };
  readonly ingressClass: string;
  readonly defaultTargetType: 'ip';
  readonly enableShield: boolean;
  readonly enableWaf: boolean;
  readonly enableWafv2: boolean;
  readonly enableServiceMutatorWebhook: boolean;
  readonly serviceMonitor: { readonly enabled: boolean };
  readonly podSecurityContext: { readonly seccompProfile: { readonly type: 'RuntimeDefault' } };
  /** Beside what the chart says. */
  readonly securityContext: { readonly capabilities: { readonly drop: readonly ['ALL'] } };
  readonly resources: ContainerResources;
}

/** Also of its service account, as the pod identity in the stack `aws` has it. */
const NAME = 'aws-load-balancer-controller';

export function loadBalancerControllerPart(app: App, overlay: AwsOverlay): ChartPart {
  const { settings } = overlay;
  const { isRedundant } = settings.gitops;
  const prefix = namePrefix(settings);
  const part = new ChartPart<LoadBalancerControllerValues>(app, NAME, {
    overlay,
    project: 'operators',
    wave: 'operators',
    namespace: 'kube-system',
    chart: 'aws-load-balancer-controller',
    madeOnce: OWN_CERTIFICATE,
    values: {
      fullnameOverride: NAME,
      replicaCount: isRedundant ? 2 : 1,
      podDisruptionBudget: isRedundant ? { minAvailable: 1 } : {},
      clusterName: prefix,
      region: settings.aws.region,
      vpcTags: { Name: prefix },
      serviceAccount: { name: NAME },
      ingressClass: 'alb',
      // Straight to the pods, which alone know whether they are ready.
      defaultTargetType: 'ip',
      enableShield: false,
      enableWaf: false,
      enableWafv2: true,
      // Services of our own never ask for a load balancer; with it none could be made while the controller is away.
      enableServiceMutatorWebhook: false,
      serviceMonitor: { enabled: true },
      podSecurityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      securityContext: { capabilities: { drop: ['ALL'] } },
      resources: resourcesOf('50m', '128Mi', '256Mi'),
    },
  });
  addObject(part, operatorRules(overlay, RULES));
  return part;
}

const RULES = {
  name: NAME,
  labels: { 'app.kubernetes.io/name': NAME },
  servesApiOn: [9_443],
  metricsOn: 8_080,
  asksAws: true,
};

/** The chart makes a certificate for its webhooks whenever it is rendered: each sync would bring another. */
const OWN_CERTIFICATE: readonly MadeOnce[] = [
  { group: '', kind: 'Secret', name: 'aws-load-balancer-tls', jqPathExpressions: ['.data'] },
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind) => ({
    group: 'admissionregistration.k8s.io',
    kind,
    name: 'aws-load-balancer-webhook',
    jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle'],
  })),
];
