// An operation in, headers of requests to it out: whose token, which key and version, and what else a client may say.
import fc from 'fast-check';
import type { Operation, PlacedOperation } from '../contracts/openapi-rules.ts';

export interface RequestSources {
  /** Texts that mean something to the service. */
  readonly known: readonly string[];
  /** `Authorization` headers that pass somewhere. */
  readonly tokens: readonly string[];
  /** Those that must pass nowhere. */
  readonly badTokens: readonly string[];
}

/** One of several, most often the first. */
export const mostly = <T>(
  weight: number,
  usual: fc.Arbitrary<T>,
  ...others: fc.Arbitrary<T>[]
): fc.Arbitrary<T> => fc.oneof({ weight, arbitrary: usual }, ...others);

const HEADER_VALUES: Readonly<Record<string, readonly string[]>> = {
  'idempotency-key': [
    '',
    'short',
    'x'.repeat(128),
    'x'.repeat(129),
    'with space in it',
    'sch\u00f6n-und-gut',
    'a,b,c,d,e,f',
    'repeated-key-1',
  ],
  'if-match': [
    '"2"',
    '*',
    '""',
    'W/"1"',
    '1',
    '"1", "2"',
    ', "a,b" ,,W/"1"',
    '"1",'.repeat(500),
    '"2147483648"',
    '"-1"',
    '"999999999999999"',
    '"9007199254740993"',
    '"\u00e9"',
  ],
  'if-none-match': ['"1"', '"a,b", "1"', '*', 'W/"1"', '"', ','.repeat(1_000)],
  'x-request-id': ['abcdefgh', 'x'.repeat(300), '<script>'],
  traceparent: [
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00',
    'ff-0-0-0',
    '\u00ff'.repeat(50),
  ],
  'x-forwarded-for': ['127.0.0.1', 'unknown', '1'.repeat(500)],
  'content-encoding': ['gzip', 'br', 'identity', 'gzip, gzip', 'x'.repeat(100)],
  accept: ['text/html', '*/*;q=0', 'image/png'],
  'stripe-signature': ['t=1,v1=00', 't=NaN', '', `t=${Math.floor(Date.now() / 1_000)},v1=${'0'.repeat(64)}`],
};

/** Required ones mostly as they must be; others now and then. */
export function headersFor(
  { operation }: PlacedOperation,
  sources: RequestSources,
): fc.Arbitrary<Record<string, string>> {
  const required = (operation.parameters ?? []).filter((one) => one.in === 'header');
  const usual: Record<string, fc.Arbitrary<string>> = {};
  // From the seed and not from the machine, so that a run can be repeated.
  if (required.some(({ name }) => name === 'Idempotency-Key')) usual['idempotency-key'] = fc.uuid();
  if (required.some(({ name }) => name === 'If-Match')) usual['if-match'] = fc.constantFrom('"1"', '*');
  const all = Object.keys(HEADER_VALUES).map((name) => {
    const strange = fc.constantFrom<string | undefined>(...HEADER_VALUES[name]!, undefined);
    const ordinary = usual[name];
    const value = ordinary
      ? mostly<string | undefined>(4, ordinary, strange)
      : mostly(14, fc.constant(undefined), strange);
    return value.map((text): [string, string][] => (text === undefined ? [] : [[name, text]]));
  });
  const [right, wrong, bad] = [
    rightToken(operation, sources),
    fc.constantFrom('', ...sources.tokens),
    fc.constantFrom(...sources.badTokens),
  ];
  const token = fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 2, arbitrary: wrong },
    { weight: 1, arbitrary: bad },
  );
  return fc.tuple(token, ...all).map(([authorization, ...rest]) => ({
    ...(authorization && { authorization }),
    ...Object.fromEntries(rest.flat()),
  }));
}

/** A token of a caller for whom the document says that the operation is. */
function rightToken({ description = '' }: Operation, { tokens }: RequestSources): fc.Arbitrary<string> {
  const [admin, customer, service] = tokens as [string, string, string];
  if (description.includes('admins')) return fc.constant(admin);
  return description.includes('services') ? fc.constant(service) : fc.constantFrom(customer, customer, admin);
}
