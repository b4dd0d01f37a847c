// Where the stand-ins of a laptop's cluster answer.
import { NAMESPACES } from '../namespaces.ts';

const inCluster = (name: string, namespace: string = NAMESPACES.data): string =>
  `${name}.${namespace}.svc.cluster.local`;

export const KAFKA_PORT = 9092;
export const POSTGRES_PORT = 5432;
export const S3_PORT = 4566;
export const GCS_PORT = 4443;
export const FIRESTORE_PORT = 8080;

export const KAFKA_ADDRESS = `${inCluster('kafka')}:${KAFKA_PORT}`;
/** Host and port; each service has its own user there. */
export const POSTGRES_ADDRESS = `${inCluster('postgres')}:${POSTGRES_PORT}`;
export const GCS_HOST = inCluster('gcs');
export const GCS_URL = `http://${GCS_HOST}:${GCS_PORT}`;
/** As `FIRESTORE_EMULATOR_HOST` wants it. */
export const FIRESTORE_ADDRESS = `${inCluster('firestore')}:${FIRESTORE_PORT}`;

export const FLINK_HOST = inCluster('flink-jobmanager', NAMESPACES.analytics);

/**
 * Where a browser on the laptop finds S3, whose presigned addresses name their host: uploads are signed for it and pictures shown from
 * it. The same port as inside, so that `kubectl port-forward` leads there as well as the node port that kind maps. Nobody in the
 * cluster asks S3: the image function runs beside it.
 */
export const S3_BROWSER_URL = `http://127.0.0.1:${S3_PORT}`;
/** On the nodes of the cluster; kind maps the laptop's `S3_PORT` to it. */
export const S3_NODE_PORT = 30_566;

/** As under `npm start`. */
export const BUCKETS = {
  photos: 'product-images',
  renditions: 'processed-images',
  results: 'analytics-results',
} as const;
/** Of the Firestore emulator, which takes any. */
export const GOOGLE_PROJECT = 'local-shop';
