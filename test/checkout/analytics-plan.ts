// How the analytics worker of a shop under faults is started: the real program, on the shop's Kafka and Postgres.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { freePort } from '../../local/launcher/ports.ts';
import type { ProcessPlan } from '../../local/launcher/processes.ts';
import { HURRIED_WINDOWS } from '../faults/rig.ts';

/** @param env of the shop's processes; Firestore and GCS are the shared servers that the environment names */
export async function analyticsPlan(
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<ProcessPlan> {
  const project = `shop-${randomUUID().slice(0, 8)}`;
  const endpoint = process.env.GCS_ENDPOINT ?? '';
  const results = `${project}-results`;
  await new Storage({ apiEndpoint: endpoint, projectId: project }).createBucket(results);
  const port = String(await freePort());
  return {
    name: 'analytics',
    script: 'analytics/main.ts',
    address: `http://127.0.0.1:${port}`,
    logFile: join(folder, 'analytics.log'),
    env: {
      ...env,
      ...HURRIED_WINDOWS,
      OPS_PORT: port,
      FIRESTORE_EMULATOR_HOST: process.env.FIRESTORE_EMULATOR_HOST ?? '',
      METADATA_SERVER_DETECTION: 'none',
      GOOGLE_CLOUD_PROJECT: project,
      GCS_ENDPOINT: endpoint,
      RESULTS_BUCKET: results,
    },
  };
}
