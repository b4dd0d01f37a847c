// How Prometheus reads the brokers' own metrics: their names are known once the stack `aws` has made them, so External Secrets writes the
// scrape settings from the fact. The stack lets nodes in at this port (stacks/aws/msk-cluster.ts).
import type {
  IExternalSecret,
  ISecretStore,
} from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { factPath } from '#contracts/deployed-settings.ts';
import { namePrefix } from '../../../stacks/settings.ts';
import type { AwsOverlay } from '../../overlays.ts';

const STORE = 'parameter-store';
const NAME = 'kafka-brokers';
const FILE = 'scrape.yaml';
/** Of the JMX exporter in each broker (AWS, "Amazon MSK port information"). */
const PORT = 11_001;
/** Brokers have thousands of metrics; these prefixes are read (queries/brokers.ts, queries/images.ts). */
const ASKED =
  'kafka_(server_BrokerTopicMetrics|server_ReplicaManager|server_KafkaRequestHandlerPool|controller_KafkaController)_.+';

/** `b-1.….amazonaws.com:9098,b-2.…` in; the same brokers at the exporter's port out. Functions of sprig, as External Secrets has them. */
const TEMPLATE = `- job_name: ${NAME}
  metric_relabel_configs:
    - source_labels: [__name__]
      regex: ${ASKED}
      action: keep
  static_configs:
    - targets:
{{- range splitList "," .brokers }}
        - {{ index (splitList ":" .) 0 }}:${PORT}
{{- end }}
`;

/** What the chart's value `additionalScrapeConfigsSecret` names. */
export const BROKER_SCRAPES = { enabled: true, name: NAME, key: FILE } as const;

export const brokerObjects = (overlay: AwsOverlay) =>
  [storeOfFacts(overlay), scrapeSettings(overlay), wayToBrokers(overlay)] as const;

/** The operator makes no Prometheus whose settings name a Secret that is not there. */
const FIRST = { 'argocd.argoproj.io/sync-wave': '-1' };

/** As the services' own (k8s/shop/secret-stores.ts): the operator asks as itself, and may read facts alone by this one. */
const storeOfFacts = ({ settings }: AwsOverlay) =>
  ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: STORE, annotations: FIRST },
    spec: {
      provider: {
        aws: { service: 'ParameterStore', region: settings.aws.region, sessionTagsPolicy: 'None' },
      },
    } as NonNullable<ISecretStore['spec']>,
  }) satisfies ISecretStore;

/** With the defaults of the API spelled out: ArgoCD would find what the API server fills in changed, for ever. */
const scrapeSettings = ({ settings }: AwsOverlay) =>
  ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: NAME, annotations: FIRST },
    spec: {
      refreshPolicy: 'Periodic',
      refreshInterval: '1h0m0s',
      secretStoreRef: { kind: 'SecretStore', name: STORE },
      target: {
        name: NAME,
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        template: { engineVersion: 'v2', mergePolicy: 'Replace', data: { [FILE]: TEMPLATE } },
      },
      data: [
        {
          secretKey: 'brokers',
          remoteRef: {
            key: factPath(namePrefix(settings), 'kafka/bootstrap-servers'),
            conversionStrategy: 'Default',
            decodingStrategy: 'None',
            metadataPolicy: 'None',
          },
        },
      ],
    },
  }) satisfies IExternalSecret;

/** Their names are of the VPC's own addresses. */
const wayToBrokers = ({ settings }: AwsOverlay) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'prometheus-to-brokers' },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ ipBlock: { cidr: settings.aws.vpcRange } }],
          ports: [{ protocol: 'TCP', port: PORT }],
        },
      ],
    },
  }) satisfies INetworkPolicy;
