// Every process of the platform: where it listens, what it reads and writes. Rights on topics (stacks/constructs/kafka-access.ts) and network
// policies (k8s/shop/network-rules.ts) follow from this. test/architecture/topic-uses.ts compares it with what each process decodes and encodes.
import type { Process } from './process.ts';
import { SERVICES } from './shop-processes.ts';
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
import { analyticsResults, productImagesProcessed, productImagesRejected } from './topics.ts';

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

export const PROCESSES: readonly Process[] = [imageRenditions, analyticsWorker, ...SERVICES];
