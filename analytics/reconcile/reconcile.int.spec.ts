// The independent count on the real servers: a worker that works leaves no difference, and each store that is tampered with
// shows one.

import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { analyticsResults, productImagesProcessed } from '#contracts/topics.ts';
import { type KafkaClient, withAdmin } from '#runtime/kafka/client.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { imageLog, type LogEntry } from '../../test/faults/image-log.ts';
import { Rig } from '../../test/faults/rig.ts';
import type { RunningWorker } from '../../test/faults/running-worker.ts';
import { reconcile } from './reconcile.ts';

const SETTLE_MS = 60_000;
const ENTRIES = 3_000;

/** What no seed makes: forms of times and texts that readers disagree about, and windows of long ago. */
function oddities(good: LogEntry): LogEntry[] {
  const withHeader = (id: string, change: Record<string, string>): LogEntry => ({
    ...good,
    headers: { ...good.headers, ce_id: id, ...change },
  });
  const minuteAgo = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
  return [
    { ...withHeader('bom', {}), value: `\u{FEFF}${String(good.value)}` },
    { ...withHeader('empty', {}), value: '' },
    { ...withHeader('list', {}), value: '[]' },
    withHeader('zone', { ce_time: `${minuteAgo}.123456789-00:00` }),
    withHeader('small letters', { ce_time: `${minuteAgo}z` }),
    withHeader('no such day', { ce_time: '2026-02-30T00:00:00Z' }),
    withHeader('no such hour', { ce_time: '2026-01-01T24:00:00Z' }),
    withHeader('old', { ce_time: '1999-12-31T23:59:59Z' }),
    withHeader('before our era', { ce_time: '0000-01-01T00:00:00+01:00' }),
    withHeader('leap second', { ce_time: '2016-12-31T23:59:60Z' }),
    withHeader('no type', { ce_type: '' }),
    withHeader('another version', { ce_specversion: '0.3' }),
    withHeader('\u{1F5BC} not ASCII', { ce_source: '/quelle/ä' }),
  ];
}

describe('reconcile', () => {
  let rig: Rig;
  let worker: RunningWorker;

  beforeAll(async () => {
    rig = await Rig.open();
    worker = await rig.startWorker();
    const log = imageLog(createRandom(7), {
      events: ENTRIES,
      spanMs: 480_000,
      startMs: Date.now() - 600_000,
    });
    await rig.feed(log, 250, 50);
    const good = log.find(({ value }) => typeof value === 'string' && value.endsWith('"sizeTable":1}'))!;
    await rig.feed(oddities(good), 100, 0);
    await sendAborted(rig.client, log.slice(0, 50));
    // Behind the markers, so that the worker must step over them.
    await rig.feed([{ ...good, headers: { ...good.headers, ce_id: 'last' } }], 1, 0);
  }, 120_000);

  afterAll(() => rig.close(), 60_000);

  it('finds no difference behind a worker that counted every kind of record', async () => {
    const progress: string[] = [];
    const report = await reconcile({
      env: rig.env,
      settleMs: SETTLE_MS,
      onProgress: (line) => void progress.push(line),
    });
    const { differences, pending } = report;
    expect({
      differences,
      pending,
      last: progress.slice(-3),
      worker: worker.output().slice(-2_000),
    }).toMatchObject({
      differences: [],
      pending: [],
    });
    const sum = (field: 'events' | 'repeats' | 'deadLetters'): number =>
      report.partitions.reduce((total, partition) => total + partition[field], 0);
    expect(sum('events') + sum('repeats') + sum('deadLetters')).toBe(
      ENTRIES + oddities({} as LogEntry).length + 1,
    );
    for (const field of ['events', 'repeats', 'deadLetters'] as const)
      expect(sum(field)).toBeGreaterThan(100);
    expect(report.rows.some(({ log }) => log!.lateEvents > 0n)).toBe(true);
  }, 120_000);

  it('leaves no consumer group behind', async () => {
    const { groups } = await withAdmin(rig.client, (admin) => admin.listGroups());
    const own = groups.filter(({ groupId }) => groupId.startsWith(rig.client.nameOf('reconcile-')));
    expect(own).toEqual([]);
  });

  it('names what cannot be reached, instead of a verdict', async () => {
    const away = { ...rig.env, DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' };
    await expect(reconcile({ env: away, settleMs: 0 })).rejects.toThrow(
      /^Postgres could not be read: .*DATABASE_URL/,
    );
  }, 60_000);

  it('reports all tampering, and nothing else', async () => {
    const key = await tamperWithEachStore(rig);
    const report = await reconcile({ env: rig.env, settleMs: 5_000 });
    expect(report.differences.map(({ where, key }) => `${where} · ${key}`).toSorted()).toEqual(
      [
        `cloud-sql totals · ${key.window} partition ${key.part}`,
        // Its sum is no longer what was published.
        `cloud-sql revisions · ${key.window}`,
        `cloud-sql dead letters · partition/offset ${key.letter}`,
        `firestore · ${key.document}`,
        'firestore · thumbnail_2001-01-01T00:00:00.000Z',
        `gcs · ${key.window} revision 1`,
        // The stale record repeats revision 1 with its own numbers behind a higher one.
        `results-topic · ${key.document}`,
        `results-topic · ${key.document}`,
        `results-topic · ${key.window}`,
      ].toSorted(),
    );
  }, 120_000);
});

/** Records that were never committed: they take up offsets and count for nothing. */
async function sendAborted(client: KafkaClient, entries: readonly LogEntry[]): Promise<void> {
  const producer = client.kafka.producer({
    transactionalId: client.nameOf('aborting'),
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  const messages = entries.map((entry) => ({ ...entry, headers: { ...entry.headers } }));
  await transaction.send({ topic: client.nameOf(productImagesProcessed.name), acks: -1, messages });
  await transaction.abort();
  await producer.disconnect();
}

interface Tampered {
  readonly window: string;
  readonly part: number;
  readonly document: string;
  readonly letter: string;
}

/** One change in each store, all around one window that has two revisions. */
async function tamperWithEachStore(rig: Rig): Promise<Tampered> {
  const [at] = await rig.query<{ start: Date; label: string; part: number }>(`
    SELECT window_start AS start, size_label AS label, part FROM analytics.window_part
    WHERE (window_start, size_label) IN (SELECT window_start, size_label FROM analytics.window_out WHERE revision = 2)
    ORDER BY 1, 2, 3 LIMIT 1`);
  const { start, label, part } = at!;
  const iso = start.toISOString();
  await rig.query(`UPDATE analytics.window_part SET bytes = bytes + 1
    WHERE window_start = '${iso}' AND size_label = '${label}' AND part = ${part}`);
  const [letter] = await rig.query<{ part: number; offset: string }>(
    `UPDATE analytics.dlq SET reason = 'bad-luck' WHERE ctid = (SELECT max(ctid) FROM analytics.dlq)
     RETURNING part, "offset"`,
  );
  const document = `${label}_${iso}`;
  await tamperWithFirestore(rig, document);
  await tamperWithObjects(rig, iso, label);
  await sendStaleRevision(rig, document, iso, label);
  return { window: `${iso} ${label}`, part, document, letter: `${letter!.part}/${letter!.offset}` };
}

async function tamperWithFirestore({ env }: Rig, document: string): Promise<void> {
  const firestore = new Firestore({
    projectId: env.GOOGLE_CLOUD_PROJECT!,
    host: env.FIRESTORE_EMULATOR_HOST!,
    ssl: false,
  });
  const collection = firestore.collection('analytics_events');
  await collection.doc(document).update({ events: 1_000_000 });
  const start = '2001-01-01T00:00:00.000Z';
  await collection.doc(`thumbnail_${start}`).set({
    ...(await collection.doc(document).get()).data(),
    windowStart: start,
    windowEnd: '2001-01-01T00:01:00.000Z',
    sizeLabel: 'thumbnail',
  });
  await firestore.terminate();
}

async function tamperWithObjects({ env }: Rig, iso: string, label: string): Promise<void> {
  const storage = new Storage({ apiEndpoint: env.GCS_ENDPOINT!, projectId: env.GOOGLE_CLOUD_PROJECT! });
  const [files] = await storage.bucket(env.RESULTS_BUCKET!).getFiles({ prefix: 'image-bytes/' });
  const name = `${iso.replaceAll(':', '-')}_${label}_r0001.ndjson`;
  await files.find((file) => file.name.endsWith(name))!.delete();
}

async function sendStaleRevision({ client }: Rig, key: string, iso: string, label: string): Promise<void> {
  const producer = client.kafka.producer();
  await producer.connect();
  const value = JSON.stringify({
    windowStart: iso,
    windowEnd: new Date(Date.parse(iso) + 60_000).toISOString(),
    sizeLabel: label,
    revision: 1,
    events: 0,
    bytes: '0',
    lateEvents: 0,
    lateBytes: '0',
  });
  const headers = { ce_type: analyticsResults.event.type, ce_id: `${key}_r1` };
  await producer.send({ topic: client.nameOf(analyticsResults.name), messages: [{ key, value, headers }] });
  await producer.disconnect();
}
