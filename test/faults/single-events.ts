// Single events, good ones and every kind of poison, for rules about what becomes of one record.
import { encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import type { LogEntry } from './image-log.ts';

let ids = 0;

/** A good event at this event time, of a new product or of this one (then all are in one partition). */
export function event(timeMs: number, product = `p${ids}`, id = `e${ids}`): LogEntry {
  ids += 1;
  return encodeEvent(IMAGE_PROCESSED, product, {
    id,
    source: '/input',
    time: new Date(timeMs).toISOString(),
    data: {
      productId: product,
      source: { bucket: 'b', key: 'k', version: '1' },
      rendition: { bucket: 'b', key: 'k', format: 'jpeg', width: 900, height: 600, bytes: 1_000 },
      sizeTable: 1,
    },
  });
}

const changedBytes = ({ value }: LogEntry, digits: string): Partial<LogEntry> => ({
  value: String(value).replace('"bytes":1000', `"bytes":${digits}`),
});
const changedHeader = ({ headers }: LogEntry, change: Record<string, string>): Partial<LogEntry> => ({
  headers: { ...headers, ...change },
});

/** Kind, reason, and the change that makes a good event wrong. */
export const POISON: [string, string, (good: LogEntry) => Partial<LogEntry>][] = [
  ['no value', 'null-value', () => ({ value: null })],
  ['an empty value', 'bad-json', () => ({ value: '' })],
  ['bytes that are no UTF-8', 'bad-utf8', () => ({ value: Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]) })],
  ['half a JSON text', 'bad-json', () => ({ value: '{"productId":' })],
  ['JSON of another kind', 'bad-data', () => ({ value: '[1]' })],
  ['a negative size', 'bad-data', (good) => changedBytes(good, '-1')],
  ['a size of 2^53', 'bad-data', (good) => changedBytes(good, '9007199254740992')],
  ['a size far beyond 2^53', 'bad-data', (good) => changedBytes(good, '1e300')],
  ['a fraction of a byte', 'bad-data', (good) => changedBytes(good, '0.5')],
  [
    'a later major version',
    'unknown-version',
    (good) => changedHeader(good, { ce_type: `${IMAGE_PROCESSED.type}9` }),
  ],
  ['another type of event', 'unknown-type', (good) => changedHeader(good, { ce_type: 'shop.other.v1' })],
  [
    'no id, and NUL bytes in a header',
    'bad-envelope',
    (good) => changedHeader(good, { ce_id: '', 'x-nul': 'a\u0000b' }),
  ],
  ['NUL bytes in its type', 'unknown-type', (good) => changedHeader(good, { ce_type: 'a\u0000b' })],
];
