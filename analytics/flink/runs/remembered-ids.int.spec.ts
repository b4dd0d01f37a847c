// The ids of a long run, read back from a real log no further than it takes.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import { createTopics, topicOffsets } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createRandom } from '../../../demo/samples/random.ts';
import { feedLog } from '../../../test/faults/feed-log.ts';
import { imageLog, type LogEntry } from '../../../test/faults/image-log.ts';
import { freshKafka } from '../../../test/fresh.ts';
import { hashId, type IdHash, PackedIds, SeenIds } from '../../seen-ids.ts';
import { type RunEnd, rememberIds } from './remembered-ids.ts';

const SOURCE = '/faults';
const log = createLogger('spec', 'fatal');

/** Ids in log order, packed as they are kept. */
function packed(ids: readonly string[]): Buffer {
  const hash: IdHash = { high: 0, low: 0 };
  const all = new PackedIds();
  for (const id of ids) {
    hashId(SOURCE, id, hash);
    all.push(hash.high, hash.low);
  }
  return all.toBuffer();
}

describe('the ids at the end of a run', () => {
  const kafka = freshKafka();
  let part = 0;
  let end = 0;
  const good = imageLog(createRandom(3), { events: 50, spanMs: 60_000, startMs: Date.now() - 120_000 }).find(
    ({ value }) => typeof value === 'string' && value.endsWith('"sizeTable":1}'),
  )!;
  const event = (id: number): LogEntry => ({ ...good, headers: { ...good.headers, ce_id: `id-${id}` } });
  const poison: LogEntry = { ...good, value: 'none' };
  // Behind 100 events as many records that have no id.
  const entries = [
    ...Array.from({ length: 100 }, (_, id) => event(id)),
    ...Array.from({ length: 100 }, () => poison),
    event(5),
    event(100),
  ];

  beforeAll(async () => {
    await createTopics(kafka.client, topicSettings(), 1);
    await feedLog(kafka.client, entries, 100, 0);
    const used = (await topicOffsets(kafka.client, productImagesProcessed.name)).find(
      ({ high }) => high !== '0',
    )!;
    part = used.partition;
    end = Number(used.high);
  }, 60_000);
  afterAll(() => kafka.drop(), 60_000);

  const remember = async (seenIdsMax: number, change: Partial<RunEnd> = {}) => {
    const { client } = kafka;
    const loadSeen = async () => new SeenIds(seenIdsMax);
    const [memory] = await rememberIds({
      client,
      topic: productImagesProcessed.name,
      seenIdsMax,
      log,
      ends: [{ part, countFrom: 0, nextOffset: end, earliest: 0, loadSeen, ...change }],
    });
    return memory;
  };
  const names = (...ids: number[]) => packed(ids.map((id) => `id-${id}`));
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  it('are those that a worker would remember which had counted all of it', async () => {
    expect(end).toBe(entries.length);
    // 5 was the first of the horizon and so a repeat.
    expect(await remember(96)).toMatchObject({ firstOffset: 0, ids: names(...upTo(5, 101)) });
    // It had left the horizon, and came in again.
    expect((await remember(90))!.ids).toEqual(names(...upTo(12, 100), 5, 100));
  }, 60_000);

  it('are read no further back than it takes, and further where little is found', async () => {
    // The newest 20 records hold 2 ids, the newest 80 no more: the newest 320 are all of the log.
    expect(await remember(10)).toMatchObject({ firstOffset: 0, ids: names(...upTo(92, 100), 5, 100) });
    expect(await remember(2)).toMatchObject({ firstOffset: end - 4, ids: names(5, 100) });
  }, 60_000);

  it('are those that the log still has, or that came behind where the run began', async () => {
    expect(await remember(96, { earliest: 98 })).toMatchObject({
      firstOffset: 98,
      ids: names(98, 99, 5, 100),
    });
    const known = async () => {
      const seen = new SeenIds(96);
      seen.load(names(...upTo(0, 96)));
      return seen;
    };
    expect(await remember(96, { countFrom: 96, loadSeen: known })).toMatchObject({
      firstOffset: 96,
      ids: names(96, 97, 98, 99, 100),
    });
    expect(await remember(96, { countFrom: end })).toBeUndefined();
  }, 60_000);
});
