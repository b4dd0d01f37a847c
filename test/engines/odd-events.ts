// Events at the edges of what contracts allow: every engine must count them in the same way. The oracle says in which.
import { Buffer } from 'node:buffer';
import type { LogEntry } from '../faults/image-log.ts';
import { event, POISON } from '../faults/single-events.ts';

/** A message as kafkajs takes it: headers may be bytes, repeated or absent. */
export interface OddMessage {
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer | (string | Buffer)[] | undefined>>;
}

type Change = (good: LogEntry) => Partial<OddMessage>;

const text = ({ value }: LogEntry): string => String(value);
const replaced =
  (from: string, to: string): Change =>
  (good) => {
    const value = text(good).replace(from, to);
    if (value === text(good)) throw new Error(`${from} is not in ${value}`);
    return { value };
  };
const bytes = (digits: string): Change => replaced('"bytes":1000', `"bytes":${digits}`);
const header =
  (change: OddMessage['headers']): Change =>
  ({ headers }) => ({ headers: { ...headers, ...change } });
const time = (ce_time: string): Change => header({ ce_time });
const around =
  (before: string, after: string): Change =>
  (good) => ({ value: `${before}${text(good)}${after}` });

const NUMBERS = [
  '1.0',
  '1e3',
  '1E+3',
  '10e-1',
  '-0',
  '-0.0',
  '1e-1',
  '0',
  '9007199254740991',
  '9007199254740991.4',
  '9007199254740992.5',
  '1e15',
  '9.007199254740991e15',
  '123456789012345678901234567890',
  '1e400',
  '-1e400',
  '5e-324',
  '01',
  '+1',
  '1.',
  '.5',
  '0x10',
  'NaN',
  'Infinity',
  '"1000"',
  'null',
  'true',
  '[1000]',
  '{"n":1000}',
  '1000 ',
  '1000,"bytes":2000',
  '1000,"bytes":"2000"',
].map(bytes);

const TEXTS: readonly Change[] = [
  replaced('"bucket":"b"', '"bucket":""'),
  replaced('"bucket":"b"', '"bucket":null'),
  replaced('"bucket":"b"', '"bucket":5'),
  replaced('"bucket":"b"', '"bucket":" "'),
  replaced('"bucket":"b"', '"bucket":"\\u0000"'),
  replaced('"bucket":"b"', '"bucket":"\\ud800"'),
  replaced('"bucket":"b"', '"bucket":"\\"}],\\\\"'),
  replaced('"bucket":"b"', '"bucket":"\\x"'),
  replaced('"bucket":"b"', '"bucket":"a\tb"'),
  replaced('"bucket":"b"', `"bucket":"${'é😀\u2028'.repeat(300)}"`),
  replaced('"bucket":"b"', `"bucket":"${'\\"\\\\'.repeat(40_000)}"`),
  replaced('"bucket"', '"\\u0062ucket"'),
  replaced('"bucket":"b",', ''),
  replaced('"format":"jpeg"', '"format":"bmp"'),
  replaced('"format":"jpeg"', '"format":"JPEG"'),
  replaced('"width":900', '"width":0'),
  replaced('"width":900', '"width":160.0'),
  replaced('"width":900', '"width":161'),
  replaced('"width":900', '"width":3841'),
  replaced('"sizeTable":1', '"sizeTable":2'),
  replaced('"sizeTable":1', '"sizeTable":1.0'),
  replaced('"sizeTable":1', '"sizeTable":"1"'),
  replaced('"sizeTable":1', '"sizeTable":1,"later":{"width":5,"bytes":[1,{}]},"rendition2":null'),
  replaced('"source":{', '"source":{"later":{"bucket":""},'),
  replaced('"rendition":{', '"later":{"rendition":{}},"rendition":{"zz":1,"aa":[],'),
  replaced('"rendition":{', '"rendition":5,"rendition":{'),
];

const FORMS: readonly Change[] = [
  around(' \t\r\n', '\n'),
  around('\u{FEFF}', ''),
  around('\u{FEFF}\u{FEFF}', ''),
  around('\u00a0', ''),
  around('\f', ''),
  around('', ' x'),
  around('', '{}'),
  around('', ',{}'),
  around('', '\u0000'),
  around('[', ']'),
  around('', '],['),
  around('', ',"w":1'),
  around('/**/', ''),
  around('"', '"'),
  () => ({ value: ' ' }),
  () => ({ value: '1,2' }),
  () => ({ value: '1]' }),
  () => ({ value: '1}' }),
  () => ({ value: 'null' }),
  () => ({ value: '"text"' }),
  () => ({ value: '5' }),
  () => ({ value: 'tru' }),
  () => ({ value: '{}' }),
  () => ({ value: '[]' }),
  () => ({ value: "{'a':1}" }),
  () => ({ value: '{"a":1,}' }),
  () => ({ value: Buffer.from([0xed, 0xa0, 0x80]) }),
  () => ({ value: Buffer.from([0xc0, 0x80]) }),
  () => ({ value: Buffer.from([0x22, 0xef, 0xbf, 0xbd, 0x22]) }),
];

const ZONES = [
  'z',
  '+00:00',
  '-00:00',
  '+02:00',
  '-07:30',
  '+23:59',
  '+24:00',
  '+00:60',
  '+0000',
  '',
  ' Z',
  'Z\n',
  'Z ',
  'ZZ',
];
const FRACTIONS = ['.1', '.12', '.123456789', '.', '.999999999999999999999999', ',5'];
const DATES = [
  '2026-02-30',
  '2025-02-29',
  '2024-02-29',
  '1900-02-29',
  '2000-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-11-00',
  '0000-01-01',
  '0000-02-29',
  '0099-12-31',
  '9999-12-31',
];
const LEAP_SECONDS = ['T23:59:60Z', 'T23:59:60.5Z', 'T18:59:60-05:00', 'T22:59:60Z'];

/** Of the present minute, unless they say another. */
function timesOf(nowMs: number): Change[] {
  const iso = new Date(nowMs).toISOString();
  const [clock, today, year] = [iso.slice(0, 19), iso.slice(0, 10), Number(iso.slice(0, 4))];
  const leapDays = ['06-30', '12-31'].flatMap((day) => [
    `${year - 1}-${day}`,
    `${year}-${day}`,
    `9999-${day}`,
  ]);
  return [
    ...ZONES.map((zone) => `${clock}${zone}`),
    ...FRACTIONS.map((fraction) => `${clock}${fraction}Z`),
    ...DATES.map((day) => `${day}T00:00:00Z`),
    ...[today, ...leapDays].flatMap((day) => LEAP_SECONDS.map((second) => `${day}${second}`)),
    `${clock.replace('T', 't')}z`,
    `${clock.replace('T', ' ')}Z`,
    `${today}T24:00:00Z`,
    '0000-01-01T00:00:00+02:00',
    '1969-12-31T23:59:59.999Z',
    'now',
  ].map(time);
}

const { type } = { type: 'shop.product-images.processed' };
const HEADERS: readonly Change[] = [
  ...['', '.v', '.v0', '.v1 ', '.v1\n', '.v1x', '.v01', '.v2', '.v10', '.V1', '.v１'].map((version) =>
    header({ ce_type: `${type}${version}` }),
  ),
  header({ ce_type: undefined }),
  header({ ce_id: undefined }),
  header({ ce_source: undefined }),
  header({ ce_source: '' }),
  header({ ce_time: undefined }),
  header({ ce_specversion: undefined }),
  header({ ce_specversion: '1' }),
  header({ ce_specversion: '1.0.1' }),
  header({ ce_id: ' ' }),
  header({ ce_id: 'i'.repeat(5_000) }),
  header({ ce_id: Buffer.from([0x61, 0xff]) }),
  header({ ce_type: ['shop.other.v1', `${type}.v1`] }),
  header({ ce_type: [`${type}.v1`, 'shop.other.v1'] }),
  header({ 'x-quotes': '"\\\\u0000":null,', 'x-empty': '', ce_type: 'shop.other.v1' }),
  header({ 'x-nul': '\\\u0000 \u0000', 'x-backslash\\': '\\', 'x-quote"': '\\"', ce_type: 'shop.other.v1' }),
  () => ({ headers: {} }),
  () => ({ key: null, value: '5' }),
];

/** All of them, each with a good one behind it. */
export function oddEvents(nowMs: number): OddMessage[] {
  const changes: readonly Change[] = [
    ...POISON.map(([, , change]): Change => change),
    ...NUMBERS,
    ...TEXTS,
    ...FORMS,
    ...timesOf(nowMs),
    ...HEADERS,
  ];
  return changes.flatMap((change) => {
    const good = event(nowMs);
    return [{ ...good, ...change(good) }, event(nowMs)];
  });
}
