// Every process of the platform: where it listens, what it reads and writes. Rights on topics (stacks/constructs/kafka-access.ts) and network
// policies (k8s/shop/network-rules.ts) follow from this. test/architecture/topic-uses.ts compares it with what each process decodes and encodes.
import { groupsOf, type Process } from './process.ts';
import { CONSOLE, SHOP } from './shop-processes.ts';
import {
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  paymentFailed,
  paymentRefunded,
  paymentSucceeded,
  userRegistered,
} from './shop-topics.ts';
import type { Topic } from './topic.ts';
import {
  analyticsResults,
  productImagesProcessed,
  productImagesRejected,
  REPLAY_GROUP,
  TOPICS,
} from './topics.ts';

export const imageRenditions: Process = {
  name: 'image-renditions',
  runsOn: 'lambda',
  consumes: [],
  publishes: [productImagesProcessed, productImagesRejected],
  stores: ['s3'],
};

const counted: readonly Topic<unknown>[] = [
  productImagesProcessed,
  userRegistered,
  orderPlaced,
  orderConfirmed,
  orderCancelled,
  paymentSucceeded,
  paymentFailed,
  paymentRefunded,
];

export const analyticsWorker: Process = {
  name: 'analytics',
  runsOn: 'cloud-run-worker-pool',
  port: 4101,
  // Renditions are counted by Node or by Flink, the shop's events by Node.
  groups: ['analytics', 'analytics-activity', 'analytics-flink'],
  consumes: counted,
  publishes: [analyticsResults, ...counted.map((topic) => ({ name: topic.deadLetters! }))],
  stores: ['postgres', 'firestore', 'gcs'],
};

/** Kubernetes namespace of what runs on `eks`; its service account there is named as the process. */
export const SERVICES_NAMESPACE = 'shop';

const WORKING: readonly Process[] = [imageRenditions, analyticsWorker, ...SHOP];

const deadLetterTopics = TOPICS.flatMap(({ deadLetters }) => (deadLetters ? [{ name: deadLetters }] : []));

/** Shows operators what the platform does. Where it is deployed it can only look (docs/adr/0058): it has no topics and no tables of its own. */
export const platformConsole: Process = {
  name: CONSOLE,
  runsOn: 'eks',
  port: 4000,
  opsPort: 4100,
  consumes: [],
  publishes: [],
  stores: [],
  // Each for its health.
  calls: SHOP.map(({ name }) => name),
  asksOutside: ['google-apis'],
  looksAt: {
    topics: [...TOPICS.filter(({ key }) => key === 'orderId'), analyticsResults, ...deadLetterTopics],
    positions: {
      topics: [...TOPICS, ...deadLetterTopics],
      groups: [...WORKING.filter(({ consumes }) => consumes.length > 0).flatMap(groupsOf), REPLAY_GROUP],
    },
    stores: ['cloud-sql', 'firestore', 'gcs', 'tempo'],
  },
  isInner: true,
};

export const PROCESSES: readonly Process[] = [...WORKING, platformConsole];

/** All that runs in the shop's namespace where it is deployed. A laptop's cluster has no console: `npm start` shows a laptop's platform. */
export const ON_EKS: readonly Process[] = [...SHOP, platformConsole];
