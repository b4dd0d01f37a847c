// Stand-ins for the object stores and for Firestore: our own servers of `npm start`, and Google's emulator.
import type { App } from 'cdk8s';
import type { IService } from 'kubernetes-models/v1';
import { imageOf } from '../images.ts';
import type { LocalOverlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import {
  BUCKETS,
  FIRESTORE_PORT,
  GCS_HOST,
  GCS_PORT,
  KAFKA_ADDRESS,
  S3_NODE_PORT,
  S3_PORT,
} from './addresses.ts';
import { labelsOf, type Program, probesBy, probesOfOurs, SMALL, scratch } from './pod.ts';
import { OPS_PORT } from './ports.ts';
import { StandIn } from './workloads.ts';

const FOLDER = '/var/lib/store';

/** S3 with the image function that uploads call. */
export function s3Part(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 's3', { overlay, project: 'data', wave: 'data', namespace: 'data' });
  const program = s3Of(overlay);
  new StandIn(part, 'server', { program, volume: { path: FOLDER, size: '4Gi' } });
  // The way of the customer's browser: product signs upload addresses for the laptop's own port.
  addObject(part, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's3-browser', labels: labelsOf(program.pods) },
    spec: {
      type: 'NodePort',
      selector: labelsOf(program.pods),
      ports: [{ name: 'http', port: S3_PORT, targetPort: 'http', nodePort: S3_NODE_PORT, protocol: 'TCP' }],
    },
  } satisfies IService);
  return part;
}

const s3Of = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 's3' },
  image: imageOf(overlay, 's3'),
  env: {
    HOST: '0.0.0.0',
    PORT: String(S3_PORT),
    OPS_PORT: String(OPS_PORT),
    DATA_FOLDER: FOLDER,
    PRODUCT_IMAGES_BUCKET: BUCKETS.photos,
    PROCESSED_IMAGES_BUCKET: BUCKETS.renditions,
    KAFKA_BROKERS: KAFKA_ADDRESS,
    FUNCTIONS_MAX: '1',
  },
  ports: { http: S3_PORT, metrics: OPS_PORT },
  probes: probesOfOurs('metrics'),
  mounts: [scratch('/tmp', '256Mi')],
  graceSeconds: 30,
  // Measured on 2026-11-28 with 32 sample photos of up to 3000 pixels: the server 100 to 150 MiB, the function 190. One picture of 100
  // megapixels takes 0.3 to 0.8 GiB more while its renditions are made, the worst kinds 1.9 (docs/gotchas.md).
  size: {
    cpuRequest: '100m',
    memoryRequest: '384Mi',
    memoryLimit: '2Gi',
    ephemeralStorage: '320Mi',
    heapMiB: 256,
  },
});

export function gcsPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 'gcs', { overlay, project: 'data', wave: 'data', namespace: 'data' });
  new StandIn(part, 'server', { program: gcsOf(overlay), volume: { path: FOLDER, size: '2Gi' } });
  return part;
}

const gcsOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'gcs' },
  image: imageOf(overlay, 'gcs'),
  env: {
    HOST: '0.0.0.0',
    PORT: String(GCS_PORT),
    OPS_PORT: String(OPS_PORT),
    DATA_FOLDER: FOLDER,
    ALLOWED_HOSTS: `${GCS_HOST}:${GCS_PORT}`,
    BUCKETS: BUCKETS.results,
  },
  ports: { http: GCS_PORT, metrics: OPS_PORT },
  probes: probesOfOurs('metrics'),
  mounts: [scratch('/tmp', '64Mi')],
  graceSeconds: 30,
  // Measured on 2026-11-28 with 300 objects of 200 KB: 108 MiB.
  size: {
    cpuRequest: '50m',
    memoryRequest: '128Mi',
    memoryLimit: '256Mi',
    ephemeralStorage: '96Mi',
    heapMiB: 128,
  },
});

/** Keeps its documents in memory, as the emulator does: the worker delivers them again (k8s/data/README.md). */
export function firestorePart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 'firestore', { overlay, project: 'data', wave: 'data', namespace: 'data' });
  new StandIn(part, 'server', { program: firestoreOf(overlay), volume: { path: JAR_FOLDER, size: '1Gi' } });
  return part;
}

const JAR_FOLDER = '/var/lib/firestore';
/** Main class of the emulator: `-jar` fails, since its manifest names another (local/firestore/firestore.ts). */
const EMULATOR = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

const firestoreOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'firestore' },
  before: {
    name: 'fetch',
    image: imageOf(overlay, 'firestore-jar'),
    env: { JAR_FOLDER },
    size: SMALL,
  },
  // For its Java: Google's own image has gigabytes for a jar of 64 MB.
  image: imageOf(overlay, 'kafka'),
  command: [
    'java',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    `${JAR_FOLDER}/emulator.jar`,
    EMULATOR,
    '--host',
    '0.0.0.0',
    '--port',
    String(FIRESTORE_PORT),
  ],
  ports: { http: FIRESTORE_PORT },
  probes: probesBy({ httpGet: { path: '/', port: 'http' } }),
  mounts: [scratch('/tmp', '64Mi')],
  // Measured on 2026-11-28 with this heap and these options: 150 to 215 MiB under the specs of a whole run.
  size: { cpuRequest: '100m', memoryRequest: '256Mi', memoryLimit: '448Mi', ephemeralStorage: '96Mi' },
});
