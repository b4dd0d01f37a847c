// The analytics worker, which runs on Google Cloud elsewhere: on a laptop it has a namespace of the cluster.
import type { App } from 'cdk8s';
import { analyticsWorker } from '#contracts/processes.ts';
import { GRACE_SECONDS, PRE_STOP_SECONDS } from '#contracts/shutdown.ts';
import { imageOf } from '../images.ts';
import type { LocalOverlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { sizeOf } from '../shop/sizes.ts';
import { BUCKETS, FIRESTORE_ADDRESS, GCS_URL, GOOGLE_PROJECT, KAFKA_ADDRESS } from './addresses.ts';
import { type Program, probesOfOurs, scratch, secretFiles } from './pod.ts';
import { secretOf } from './secrets.ts';
import { StandIn } from './workloads.ts';

const SETTINGS_FOLDER = '/var/run/secrets/shop/settings';

export function analyticsPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, analyticsWorker.name, {
    overlay,
    project: 'data',
    wave: 'services',
    namespace: 'analytics',
  });
  new StandIn(part, 'worker', { program: workerOf(overlay) });
  return part;
}

const workerOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'analytics', name: analyticsWorker.name },
  image: imageOf(overlay, analyticsWorker.name),
  env: {
    SETTINGS_FOLDER,
    KAFKA_BROKERS: KAFKA_ADDRESS,
    GOOGLE_CLOUD_PROJECT: GOOGLE_PROJECT,
    FIRESTORE_EMULATOR_HOST: FIRESTORE_ADDRESS,
    // Off Google Cloud its clients would look for it, for seconds.
    METADATA_SERVER_DETECTION: 'none',
    GCS_ENDPOINT: GCS_URL,
    RESULTS_BUCKET: BUCKETS.results,
    OPS_HOST: '0.0.0.0',
    OPS_PORT: String(analyticsWorker.port),
  },
  ports: { http: analyticsWorker.port! },
  probes: probesOfOurs('http'),
  mounts: [secretFiles(SETTINGS_FOLDER, secretOf(analyticsWorker)), scratch('/tmp', '32Mi')],
  graceSeconds: GRACE_SECONDS,
  preStopSeconds: PRE_STOP_SECONDS,
  size: sizeOf(analyticsWorker.name),
});
