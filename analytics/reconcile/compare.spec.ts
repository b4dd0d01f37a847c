// Negative controls: a small world in which everything agrees, spoilt in one place at a time; each spoiling is reported.
import { describe, expect, it } from '@jest/globals';
import type { PartRow, Revision } from './cloud-sql.ts';
import { compare } from './compare.ts';
import type { Observed } from './observed.ts';
import { digestOf, PartitionCount } from './oracle.ts';
import type { Published, PublishedText } from './published.ts';
import { conclude } from './reconcile.ts';
import type { Letter, PartState } from './topic-state.ts';

const NOON_MS = Date.UTC(2026, 10, 24, 12);
const NOW_MS = NOON_MS + 3_600_000;
const ALLOWANCES = {
  openMsMax: 1_000,
  retentionMs: 86_400_000,
  letterRetentionMs: 86_400_000,
  nowMs: NOW_MS,
};
const NAME = '2026-11-24T12:00:00.000Z thumbnail';
const TOTALS = { events: 2n, bytes: 30n, lateEvents: 0n, lateBytes: 0n };
const AT = { windowStartMs: NOON_MS, label: 'thumbnail' };
const DONE = { firestore: 'done', gcs: 'done', 'results-topic': 'done' };

function countOfTwoAndAPoison(): PartitionCount {
  const counted = new PartitionCount({ outOfOrderBoundMs: 0, latenessMs: 0, seenIdsMax: 10 });
  [10, 20].forEach((bytes, offset) => counted.add(recordOf(offset, bytes)));
  counted.add({ ...recordOf(2, 1), value: null });
  return counted;
}

const recordOf = (offset: number, bytes: number) => ({
  offset,
  timestampMs: NOON_MS,
  value: Buffer.from(
    JSON.stringify({
      productId: 'p',
      source: { bucket: 'b', key: 'k', version: 'v' },
      rendition: { bucket: 'b', key: 'k', format: 'jpeg', width: 1, height: 1, bytes },
      sizeTable: 1,
    }),
  ),
  headers: {
    ce_specversion: '1.0',
    ce_type: 'shop.product-images.processed.v1',
    ce_id: String(offset),
    ce_source: '/s',
    ce_time: new Date(NOON_MS).toISOString(),
  },
});

const state: PartState = {
  topicId: 't',
  part: 0,
  firstOffset: 0,
  nextOffset: 4,
  maxTimeMs: NOON_MS,
  events: 2,
  deadLetters: 1,
  repeats: 0,
  absent: 1,
  isRetired: false,
};
const row: PartRow = { ...AT, ...TOTALS, topicId: 't', part: 0, isPublished: true };
const revision: Revision = { ...AT, ...TOTALS, revision: 1, deliveries: DONE };
const letter: Letter = {
  topicId: 't',
  part: 0,
  offset: 2,
  reason: 'null-value',
  digest: '',
  isPublished: true,
  recordedMs: NOON_MS,
};
const KEY = 'thumbnail_2026-11-24T12:00:00.000Z';
const held = (change: Partial<Published> = {}): PublishedText => {
  const name = change.name ?? KEY;
  return { name, total: { ...AT, ...TOTALS, revision: 1, ...change, name } };
};

/** The world, with parts of it replaced. */
interface World {
  readonly state?: Partial<PartState>;
  readonly end?: number;
  readonly rows?: readonly PartRow[];
  readonly revisions?: readonly Revision[];
  readonly since?: readonly Revision[];
  readonly letterRows?: readonly Letter[];
  readonly firestore?: readonly PublishedText[];
  readonly gcs?: readonly PublishedText[];
  readonly last?: readonly PublishedText[];
  readonly wentBack?: Observed['results']['wentBack'];
  readonly letters?: ReadonlyMap<string, ReadonlySet<string>>;
  readonly nowMs?: number;
}

function reportOf(world: World) {
  const revisions = world.revisions ?? [revision];
  const observed: Observed = {
    counted: new Map([[0, countOfTwoAndAPoison()]]),
    ends: [{ part: 0, earliest: 0, end: world.end ?? 4 }],
    snapshot: {
      parts: [{ ...state, ...world.state }],
      rows: world.rows ?? [row],
      revisions,
      letters: world.letterRows ?? [letter],
      gaps: [],
    },
    revisionsSince: world.since ?? revisions,
    firestore: world.firestore ?? [held()],
    gcs: world.gcs ?? [held()],
    results: {
      last: world.last ?? [held()],
      all: world.last ?? [held()],
      wentBack: world.wentBack ?? [],
    },
    letters: world.letters ?? new Map([['t/0/2', new Set([''])]]),
  };
  const nowMs = world.nowMs ?? NOW_MS;
  return conclude(compare(observed, { ...ALLOWANCES, nowMs }), nowMs);
}

const differencesOf = (world: World): string[] =>
  reportOf(world).differences.map(({ where, key }) => `${where} · ${key}`);

describe('the comparison', () => {
  it('finds nothing where all agree', () => {
    const report = reportOf({});
    expect([report.differences, report.pending]).toEqual([[], []]);
    expect(report.rows).toEqual([
      {
        ...AT,
        log: TOTALS,
        cloudSql: TOTALS,
        firestore: held().total,
        gcs: held().total,
        resultsTopic: held().total,
      },
    ]);
  });

  const more = { bytes: 31n };
  const deliveries = (change: Record<string, string>) => [
    { ...revision, deliveries: { ...DONE, ...change } },
  ];
  const second: Revision = { ...revision, revision: 2, events: 3n };
  // Where a difference is reported.
  const totals = (part: number) => `cloud-sql totals · ${NAME} partition ${part}`;
  const counter = (name: string) => `cloud-sql counters · partition 0 ${name}`;
  const letterRow = (offset: number) => `cloud-sql dead letters · partition/offset 0/${offset}`;
  const letterOnTopic = (offset: number) => `dead-letter topic · t/0/${offset}`;
  const delivery = (sink: string) => `${sink} delivery · ${NAME} revision 1`;
  const REVISIONS = `cloud-sql revisions · ${NAME}`;
  it.each<[string, World, string]>([
    ['a sum of Cloud SQL', { rows: [{ ...row, ...more }] }, totals(0)],
    ['a late count', { rows: [{ ...row, lateEvents: 1n }] }, totals(0)],
    ['a missing row', { rows: [] }, totals(0)],
    ['a row of a partition that was not read', { rows: [row, { ...row, part: 5 }] }, totals(5)],
    ['a row of an unknown topic', { rows: [row, { ...row, topicId: 'x' }] }, totals(0)],
    ['the counter of events', { state: { events: 3 } }, counter('events')],
    ['the counter of repeats', { state: { repeats: 1 } }, counter('repeats')],
    ['the counter of dead letters', { state: { deadLetters: 0 } }, counter('dead_letters')],
    ['the counter of absent offsets', { state: { absent: 0 } }, counter('absent')],
    ['the greatest event time', { state: { maxTimeMs: 1 } }, counter('max_ts')],
    ['offsets that were never read', { end: 9 }, 'cloud-sql position · partition 0'],
    [
      'a beginning that was skipped',
      { state: { firstOffset: 1 } },
      'cloud-sql position · partition 0 first_offset',
    ],
    ['a missing dead letter', { letterRows: [] }, letterRow(2)],
    [
      'a dead letter of a good record',
      { letterRows: [letter, { ...letter, offset: 1, isPublished: false, recordedMs: NOW_MS }] },
      letterRow(1),
    ],
    ['another reason', { letterRows: [{ ...letter, reason: 'bad-json' }] }, letterRow(2)],
    ['other raw bytes', { letterRows: [{ ...letter, digest: digestOf(Buffer.from('x')) }] }, letterRow(2)],
    ['a letter that never got to its topic', { letters: new Map() }, letterOnTopic(2)],
    ['other bytes on its topic', { letters: new Map([['t/0/2', new Set(['ab'])]]) }, letterOnTopic(2)],
    [
      'a record on its topic that was not refused',
      { letters: new Map([...new Map([['t/0/2', new Set([''])]]), ['t/0/1', new Set([''])]]) },
      letterOnTopic(1),
    ],
    ['a letter overdue', { letterRows: [{ ...letter, isPublished: false }] }, letterOnTopic(2)],
    ['a revision unlike the totals', { revisions: [{ ...revision, ...more }] }, REVISIONS],
    ['a hole in the revisions', { revisions: [{ ...revision, revision: 2 }] }, REVISIONS],
    ['a revision overdue', { rows: [{ ...row, isPublished: false }] }, REVISIONS],
    ['a delivery overdue', { revisions: deliveries({ gcs: 'pending' }) }, delivery('gcs')],
    [
      'a delivery given up for nothing',
      { revisions: deliveries({ firestore: 'superseded' }) },
      delivery('firestore'),
    ],
    [
      'a delivery that was never asked for',
      { revisions: [{ ...revision, deliveries: { gcs: 'done', firestore: 'done' } }] },
      delivery('results-topic'),
    ],
    ['a document’s number', { firestore: [held(more)] }, `firestore · ${KEY}`],
    ['a missing document', { firestore: [] }, `firestore · ${NAME}`],
    ['a document of no window', { firestore: [held(), held({ label: 'x', name: 'x' })] }, 'firestore · x'],
    ['a document under another id', { firestore: [held({ name: 'other' })] }, 'firestore · other'],
    ['a document that is none', { firestore: [held(), { name: 'y', fault: 'no' }] }, 'firestore · y'],
    ['an object’s number', { gcs: [held(more)] }, `gcs · ${KEY}`],
    ['a missing object', { gcs: [] }, `gcs · ${NAME} revision 1`],
    ['an object of no revision', { gcs: [held(), held({ revision: 2 })] }, `gcs · ${KEY}`],
    ['a record’s number', { last: [held(more)] }, `results-topic · ${KEY}`],
    ['a missing record', { last: [] }, `results-topic · ${NAME}`],
    ['a revision that went back', { wentBack: [{ key: KEY, from: 2, to: 1 }] }, `results-topic · ${KEY}`],
    [
      'a document left behind',
      {
        rows: [{ ...row, events: 3n }],
        revisions: [revision, second],
        gcs: [held(), held(second)],
        last: [held(second)],
      },
      `firestore · ${NAME}`,
    ],
  ])('reports %s', (_, world, expected) => {
    expect(differencesOf(world)).toContain(expected);
  });

  it('waits for what the rules leave open, and for no longer', () => {
    const world: World = {
      rows: [{ ...row, isPublished: false }],
      revisions: [],
      firestore: [],
      gcs: [],
      last: [],
    };
    const closesMs = NOON_MS + 60_000;
    const inTime = reportOf({ ...world, nowMs: closesMs + 1_000 });
    expect([inTime.differences, inTime.pending.length]).toEqual([[], 1]);
    expect(differencesOf({ ...world, nowMs: closesMs + 1_001 })).toEqual([`cloud-sql revisions · ${NAME}`]);
  });

  it('accepts a revision that was published during the comparison', () => {
    const newer = held({ revision: 2, events: 3n });
    expect(differencesOf({ since: [revision, second], firestore: [newer], last: [newer] })).toEqual([]);
  });

  it('compares the sinks of a purged window with the log', () => {
    const purged: World = { rows: [], revisions: [], nowMs: NOON_MS + 86_400_001 };
    expect(differencesOf(purged)).toEqual([]);
    expect(differencesOf({ ...purged, firestore: [held(more)] })).toEqual([`firestore · ${NAME} (purged)`]);
  });
});
