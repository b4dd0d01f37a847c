import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord } from '#runtime/kafka/records.ts';
import { foldBatch, type Position } from './fold.ts';
import { imageBytesCounting } from './image-bytes.ts';
import { SeenIds } from './seen-ids.ts';

const { topology } = imageBytesCounting({ outOfOrderBoundMs: 5_000, latenessMs: 5_000 });

interface Given {
  readonly offset: number;
  readonly id: string;
  readonly second: number;
  readonly bytes: number;
}

function record({ offset, id, second, bytes }: Given): LogRecord {
  const data = {
    productId: 'p',
    source: { bucket: 'b', key: 'k', version: '1' },
    rendition: { bucket: 'b', key: 'k', format: 'jpeg', width: 100, height: 100, bytes },
    sizeTable: 1,
  };
  return {
    offset,
    timestampMs: 86_400_000,
    key: null,
    value: Buffer.from(JSON.stringify(data)),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: '/s',
      ce_type: 'shop.product-images.processed.v1',
      ce_time: new Date(second * 1_000).toISOString(),
    },
  };
}

const source = (records: readonly LogRecord[], nextOffset = (records.at(-1)?.offset ?? -1) + 1) => ({
  nextOffset,
  forEachRecord: (visit: (record: LogRecord) => void) => records.forEach((entry) => visit(entry)),
});

const start = (nextOffset = 0, seen = new SeenIds(1_000)): Position => ({
  nextOffset,
  maxTimeMs: undefined,
  seen,
});

describe('folding a batch', () => {
  it('drops what lies below the position: it was counted before', () => {
    const folded = foldBatch(
      start(1),
      source([
        record({ offset: 0, id: 'a', second: 1, bytes: 5 }),
        record({ offset: 1, id: 'b', second: 1, bytes: 7 }),
      ]),
      topology,
    );
    expect(folded).toMatchObject({ fromOffset: 1, nextOffset: 2, events: 1, absent: 0 });
    expect(folded.rows).toMatchObject([{ bytes: '7' }]);
  });

  it('accounts for every offset: events, repeats, dead letters, and those without a record', () => {
    const poison = { ...record({ offset: 3, id: 'x', second: 1, bytes: 1 }), value: null };
    const folded = foldBatch(
      start(),
      source(
        [
          record({ offset: 0, id: 'a', second: 1, bytes: 5 }),
          record({ offset: 1, id: 'a', second: 1, bytes: 5 }),
          poison,
        ],
        10,
      ),
      topology,
    );
    expect(folded).toMatchObject({ events: 1, repeats: 1, absent: 7, nextOffset: 10 });
    expect(folded.deadLetters).toMatchObject([{ offset: 3, reason: 'null-value', raw: null }]);
  });

  it('labels an event late by the offsets before it, and counts it all the same', () => {
    const folded = foldBatch(
      start(),
      source([
        record({ offset: 0, id: 'a', second: 75, bytes: 1 }),
        record({ offset: 1, id: 'b', second: 10, bytes: 3 }),
      ]),
      topology,
    );
    expect(folded.rows).toMatchObject([
      { windowStartMs: 0, events: 1, bytes: '3', lateEvents: 1, lateBytes: '3' },
      { windowStartMs: 60_000, events: 1, lateEvents: 0 },
    ]);
  });

  it('lets a repeat move the greatest event time but not the totals', () => {
    const seen = new SeenIds(10);
    foldBatch(start(0, seen), source([record({ offset: 0, id: 'a', second: 1, bytes: 1 })]), topology);
    const folded = foldBatch(
      start(1, seen),
      source([record({ offset: 1, id: 'a', second: 99, bytes: 1 })]),
      topology,
    );
    expect(folded).toMatchObject({ events: 0, repeats: 1, maxTimeMs: 99_000, rows: [] });
  });

  it('gives the same totals wherever the log is cut into batches', () => {
    const given = fc.record({
      id: fc.integer({ min: 0, max: 30 }),
      second: fc.integer({ min: 0, max: 400 }),
      bytes: fc.nat(1_000),
    });
    fc.assert(
      fc.property(fc.array(given, { maxLength: 80 }), fc.integer({ min: 1, max: 80 }), (events, cut) => {
        const log = events.map(({ id, second, bytes }, offset) =>
          record({ offset, id: `e${id}`, second, bytes }),
        );
        expect(totalsOf(log, cut)).toEqual(totalsOf(log, log.length + 1));
      }),
    );
  });
});

function totalsOf(log: readonly LogRecord[], cut: number): Record<string, unknown> {
  const sums = new Map<string, { events: number; bytes: bigint; late: number }>();
  const position = { nextOffset: 0, maxTimeMs: undefined as number | undefined, seen: new SeenIds(10) };
  for (let at = 0; at < log.length; at += cut) {
    const folded = foldBatch(position, source(log.slice(at, at + cut)), topology);
    position.nextOffset = folded.nextOffset;
    position.maxTimeMs = folded.maxTimeMs;
    for (const delta of folded.rows) {
      const key = `${delta.windowStartMs} ${delta.label}`;
      const sum = sums.get(key) ?? { events: 0, bytes: 0n, late: 0 };
      sums.set(key, {
        events: sum.events + delta.events,
        bytes: sum.bytes + BigInt(delta.bytes),
        late: sum.late + delta.lateEvents,
      });
    }
  }
  return Object.fromEntries(sums);
}
