// Finds revisions that a sink has although the database still waits for their delivery: an exporter that died between write and mark
// leaves them.
import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import {
  ANALYTICS_EVENTS_COLLECTION,
  resultObjectName,
  revisionId,
  windowKey,
} from '#contracts/analytics.ts';
import { analyticsResults } from '#contracts/topics.ts';
import { readTopic } from '../topic-reader.ts';
import type { Rig } from './rig.ts';

interface Waiting {
  readonly windowStart: string;
  readonly sizeLabel: string;
  readonly revision: number;
  readonly sink: string;
}

/** How many such revisions there are, over all sinks. */
export async function writtenUnmarked(rig: Rig): Promise<number> {
  const rows = await rig.query<{ start: Date } & Omit<Waiting, 'windowStart'>>(`
    SELECT window_start AS start, size_label AS "sizeLabel", revision, sink
    FROM analytics.delivery WHERE state = 'pending'`);
  const waiting = rows.map(({ start, ...row }): Waiting => ({ ...row, windowStart: start.toISOString() }));
  const [objects, documents, records] = await Promise.all([
    objectNames(rig),
    documentRevisions(rig),
    recordIds(rig),
  ]);
  const isHeld = (one: Waiting): boolean => {
    if (one.sink === 'gcs') return objects.has(resultObjectName(one));
    if (one.sink === 'firestore') return documents.get(windowKey(one)) === one.revision;
    return records.has(revisionId(one));
  };
  return waiting.filter(isHeld).length;
}

async function objectNames({ env }: Rig): Promise<ReadonlySet<string>> {
  const storage = new Storage({ apiEndpoint: env.GCS_ENDPOINT!, projectId: env.GOOGLE_CLOUD_PROJECT! });
  const [files] = await storage.bucket(env.RESULTS_BUCKET!).getFiles();
  return new Set(files.map(({ name }) => name));
}

async function documentRevisions({ env }: Rig): Promise<ReadonlyMap<string, unknown>> {
  const firestore = new Firestore({
    projectId: env.GOOGLE_CLOUD_PROJECT!,
    host: env.FIRESTORE_EMULATOR_HOST!,
    ssl: false,
  });
  try {
    const { docs } = await firestore.collection(ANALYTICS_EVENTS_COLLECTION).get();
    return new Map(docs.map((document) => [document.id, document.get('revision')]));
  } finally {
    await firestore.terminate();
  }
}

/** Uncommitted ones too: the markers of a commit may come a moment after its answer. */
async function recordIds({ client }: Rig): Promise<ReadonlySet<string>> {
  const records = await readTopic(client, analyticsResults.name, { readUncommitted: true });
  return new Set(records.map(({ headers }) => String(headers?.ce_id)));
}
