// External Secrets: brings the facts and the secrets of the services from the stores of AWS into the cluster, and reads nothing else
// (stacks/gitops/cluster-facts.ts). It rotates the certificate of its webhook itself.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../namespaces.ts';
import type { AwsOverlay } from '../overlays.ts';
import { addObject } from '../part.ts';
import { ChartPart } from './chart-part.ts';
import { operatorRules } from './network.ts';
import { type ContainerResources, resourcesOf } from './resources.ts';

interface Program {
  readonly replicaCount?: number;
  readonly resources: ContainerResources;
  readonly podDisruptionBudget?: { readonly enabled: boolean; readonly minAvailable: number };
}

export interface ExternalSecretsValues extends Program {
  readonly installCRDs: boolean;
  readonly serviceAccount: { readonly name: string };
  readonly leaderElect: boolean;
  readonly concurrent: number;
  /** Whether it heeds kinds that reach across namespaces, or that write into stores. */
  readonly processClusterExternalSecret: boolean;
  readonly processClusterPushSecret: boolean;
  readonly processClusterStore: boolean;
  readonly processClusterGenerator: boolean;
  readonly processPushSecret: boolean;
  readonly livenessProbe: { readonly enabled: boolean };
  readonly readinessProbe: { readonly enabled: boolean };
  readonly serviceMonitor: { readonly enabled: boolean; readonly renderMode: 'alwaysRender' };
  readonly webhook: Program & { readonly livenessProbe: { readonly enabled: boolean } };
  readonly certController: Program;
}

/** As the pod identity in the stack `gitops` has it. */
const SERVICE_ACCOUNT = 'external-secrets';

export function externalSecretsPart(app: App, overlay: AwsOverlay): ChartPart {
  const { isRedundant } = overlay.settings.gitops;
  const replicas = isRedundant
    ? { replicaCount: 2, podDisruptionBudget: { enabled: true, minAvailable: 1 } }
    : {};
  const part = new ChartPart<ExternalSecretsValues>(app, 'external-secrets', {
    overlay,
    project: 'operators',
    wave: 'operators',
    namespace: NAMESPACES.externalSecrets,
    chart: 'external-secrets',
    values: {
      ...replicas,
      installCRDs: true,
      serviceAccount: { name: SERVICE_ACCOUNT },
      // Two that both write would overwrite each other.
      leaderElect: isRedundant,
      concurrent: 4,
      processClusterExternalSecret: false,
      processClusterPushSecret: false,
      processClusterStore: false,
      processClusterGenerator: false,
      processPushSecret: false,
      livenessProbe: { enabled: true },
      readinessProbe: { enabled: true },
      serviceMonitor: { enabled: true, renderMode: 'alwaysRender' },
      resources: resourcesOf('20m', '96Mi', '192Mi'),
      webhook: {
        ...replicas,
        livenessProbe: { enabled: true },
        resources: resourcesOf('10m', '64Mi', '128Mi'),
      },
      certController: { resources: resourcesOf('10m', '96Mi', '192Mi') },
    },
  });
  for (const rules of RULES) addObject(part, operatorRules(overlay, { metricsOn: 8080, ...rules }));
  return part;
}

const WEBHOOK_PORT = 10_250;

const RULES = [
  { name: 'external-secrets', asksAws: true },
  { name: 'external-secrets-webhook', servesApiOn: [WEBHOOK_PORT] },
  { name: 'external-secrets-cert-controller' },
].map((rules) => ({ ...rules, labels: { 'app.kubernetes.io/name': rules.name } }));
