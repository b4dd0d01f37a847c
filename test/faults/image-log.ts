// A log as production writes it: photos in event-time order, and among them repeats, late and out-of-order events, and poison. The same
// seed gives the same log.
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED, type ImageProcessed } from '#contracts/images.ts';
import type { Random } from '../../demo/samples/random.ts';

/** A record to send; poison may be one that no contract could encode. */
export interface LogEntry {
  readonly key: string;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LogShape {
  readonly events: number;
  /** The length of the log in event time. */
  readonly spanMs: number;
  readonly startMs: number;
}

const MINUTE_MS = 60_000;

/** The whole log, in the order of sending. */
export function imageLog(random: Random, shape: LogShape): LogEntry[] {
  const entries: LogEntry[] = [];
  const sent: LogEntry[] = [];
  for (let index = 0; index < shape.events; index += 1) {
    const timeMs = shape.startMs + Math.floor((index / shape.events) * shape.spanMs);
    const dice = random.next();
    if (dice < 0.08 && sent.length > 0) entries.push(random.pick(sent));
    else if (dice < 0.12) entries.push(poison(random, index, timeMs));
    else {
      const behindMs =
        dice < 0.17 ? random.whole(2, 9) * MINUTE_MS : dice < 0.25 ? random.whole(0, 1_500) : 0;
      const entry = rendition(random, index, timeMs - behindMs);
      entries.push(entry);
      sent.push(entry);
    }
  }
  return entries;
}

function dataOf(random: Random, productId: string, index: number): ImageProcessed {
  const width = random.pick([120, 480, 900, 1_800, 3_800, 5_000]);
  return {
    productId,
    source: { bucket: 'product-images', key: `uploads/${productId}/${index}.jpg`, version: '1' },
    rendition: {
      bucket: 'processed-images',
      key: `renditions/${productId}/${index}.jpg`,
      format: 'jpeg',
      width,
      height: Math.ceil(width / 2),
      bytes: random.whole(0, 5_000_000),
    },
    sizeTable: 1,
  };
}

function rendition(random: Random, index: number, timeMs: number): EncodedRecord {
  const productId = `p${random.whole(1, 60)}`;
  const event = {
    id: `event-${index}`,
    source: '/faults',
    time: new Date(timeMs).toISOString(),
    data: dataOf(random, productId, index),
  };
  return encodeEvent(IMAGE_PROCESSED, productId, event);
}

function poison(random: Random, index: number, timeMs: number): LogEntry {
  const good = rendition(random, index, timeMs);
  const changedData = (change: object): LogEntry => {
    const data = JSON.parse(good.value) as ImageProcessed;
    return { ...good, value: JSON.stringify({ ...data, rendition: { ...data.rendition, ...change } }) };
  };
  const changedHeader = (change: Record<string, string>): LogEntry => ({
    ...good,
    headers: { ...good.headers, ...change },
  });
  return random.pick<() => LogEntry>([
    () => ({ ...good, value: null }),
    () => ({ ...good, value: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x7d]) }),
    () => ({ ...good, value: '{"productId":' }),
    () => changedData({ bytes: -5 }),
    () => changedData({ bytes: 2 ** 53 }),
    () => changedHeader({ ce_type: 'shop.product-images.processed.v9' }),
    () => changedHeader({ ce_type: 'shop.other.v1', 'x-hostile': 'a\u0000b' }),
    () => changedHeader({ ce_time: new Date(Date.now() + 3_600_000).toISOString() }),
    () => changedHeader({ ce_id: '' }),
  ])();
}

/** The entry with this many more bytes, in a field that the schema does not know (such fields are accepted). */
export const heavy = (entry: LogEntry, bytes: number): LogEntry =>
  typeof entry.value === 'string' && entry.value.endsWith('}')
    ? { ...entry, value: `${entry.value.slice(0, -1)},"padding":"${'x'.repeat(bytes)}"}` }
    : entry;
