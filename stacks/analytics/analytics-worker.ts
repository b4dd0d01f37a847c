// The analytics worker: a pool of containers that pull from Kafka, with an address in the network that the tunnels serve.
import {
  CloudRunV2WorkerPool,
  type CloudRunV2WorkerPoolTemplateContainersEnv,
} from '@cdktf/provider-google/lib/cloud-run-v2-worker-pool/index.js';
import { Construct } from 'constructs';
import { analyticsWorker } from '#contracts/processes.ts';
import type { AnalyticsStores, GoogleNetwork, ServiceIdentity } from '../gcp/hand-over.ts';
import { SERVER_CA_FILE, SERVER_CA_FOLDER } from '../gcp/server-certificate.ts';
import type { Settings } from '../settings.ts';

export interface AnalyticsWorkerProps {
  readonly name: string;
  readonly gcp: Settings['gcp'];
  /** With its tag. */
  readonly image: string;
  readonly network: GoogleNetwork;
  readonly identity: ServiceIdentity;
  readonly stores: AnalyticsStores;
  /** User of the database that may read the totals. */
  readonly totalsReader: string;
  readonly kafka: KafkaAccess;
}

/** How the worker reaches Kafka in the other cloud. */
export interface KafkaAccess {
  readonly bootstrapServers: string;
  readonly region: string;
  /** Assumed by the worker's identity token. */
  readonly roleArn: string;
  readonly audience: string;
}

const CA_VOLUME = 'database-ca';

export class AnalyticsWorker extends Construct {
  constructor(scope: Construct, id: string, props: AnalyticsWorkerProps) {
    super(scope, id);
    const { gcp, stores, network } = props;
    new CloudRunV2WorkerPool(this, 'pool', {
      name: props.name,
      location: gcp.region,
      // It holds no state: a replacement loses nothing.
      deletionProtection: false,
      // Worker pools were in preview when this provider came; later stages accept the word.
      launchStage: 'BETA',
      scaling: { manualInstanceCount: gcp.worker.instanceCount },
      template: {
        serviceAccount: props.identity.email,
        vpcAccess: {
          // Only private addresses go through the network: brokers and Cloud SQL. Google's own APIs and STS do not.
          egress: 'PRIVATE_RANGES_ONLY',
          networkInterfaces: [{ network: network.networkId, subnetwork: network.workersSubnetId }],
        },
        volumes: [
          {
            name: CA_VOLUME,
            secret: {
              secret: stores.databaseCaSecretId,
              items: [{ path: SERVER_CA_FILE, version: 'latest' }],
            },
          },
        ],
        containers: [
          {
            name: analyticsWorker.name,
            image: props.image,
            env: environmentOf(props),
            resources: { limits: { cpu: gcp.worker.cpu, memory: gcp.worker.memory } },
            // No liveness probe: worker pools have them (Cloud Run, "Configure container health checks for worker pools"), but this
            // provider, 6.50.0, has no argument for it, and there is no newer one for cdktf (looked up 2026-11-28). A worker whose
            // consumer ends ends itself (`analytics/main.ts`); worker-alarms.ts covers the rest.
            volumeMounts: [{ name: CA_VOLUME, mountPath: SERVER_CA_FOLDER }],
          },
        ],
      },
    });
  }
}

/** What `analytics/config.ts` asks for; a spec holds the two against each other. */
function environmentOf({
  gcp,
  stores,
  totalsReader,
  kafka,
}: AnalyticsWorkerProps): CloudRunV2WorkerPoolTemplateContainersEnv[] {
  const plain = {
    KAFKA_BROKERS: kafka.bootstrapServers,
    KAFKA_AUTH: 'msk-iam',
    KAFKA_AWS_REGION: kafka.region,
    KAFKA_AWS_ROLE_ARN: kafka.roleArn,
    KAFKA_AWS_AUDIENCE: kafka.audience,
    GOOGLE_CLOUD_PROJECT: gcp.projectId,
    FIRESTORE_DATABASE: stores.firestoreDatabase,
    RESULTS_BUCKET: stores.resultsBucket,
    TOTALS_READER: totalsReader,
    OPS_PORT: String(analyticsWorker.port),
  };
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    {
      name: 'DATABASE_URL',
      valueSource: { secretKeyRef: { secret: stores.databaseUrlSecretId, version: 'latest' } },
    },
  ];
}
