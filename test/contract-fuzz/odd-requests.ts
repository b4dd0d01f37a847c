// An operation of an OpenAPI document in, requests to it out: some as it asks for them, most with one thing or another wrong.
import fc from 'fast-check';
import type { Parameter, PlacedOperation } from '../contracts/openapi-rules.ts';
import { contents } from './odd-bodies.ts';
import { headersFor, mostly, type RequestSources } from './odd-headers.ts';
import { oddText } from './odd-texts.ts';
import { fitting, type Json, odd } from './odd-values.ts';

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** With the longest headers still less than Node's 16 KiB for a head; what is more is the matter of broken-http.ts. */
const TARGET_LENGTH_MAX = 8_000;

/** Requests to an operation. */
export function requestsTo(placed: PlacedOperation, sources: RequestSources): fc.Arbitrary<RawRequest> {
  const method = placed.method.toUpperCase();
  const otherMethods = fc.constantFrom(
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
  );
  return fc
    .record({
      method: mostly(19, fc.constant(method), otherMethods),
      path: targets(placed, sources),
      query: queries(placed, sources),
      headers: headersFor(placed, sources),
      content: contents(placed, sources.known),
    })
    .map(({ path, query, content, headers, ...rest }) => ({
      method: rest.method,
      target: (path + (query ? `?${query}` : '')).slice(0, TARGET_LENGTH_MAX),
      headers: { ...headers, ...content.headers },
      body: content.body,
    }));
}

const ODD_STEPS = [
  '..',
  '.',
  '',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%00',
  'a%00b',
  '%ff',
  '%c0%af',
  '%',
  '%zz',
  '%2F',
  ';x=1',
];
const oddStep = fc.oneof(
  fc.constantFrom(...ODD_STEPS, 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(5_000), '-1', '0', '9'.repeat(30)),
  oddText.map((text) => encodeText(text.slice(0, 4_000))),
);

/** Percent-encoded; what has no UTF-8 goes as the replacement character. */
const encodeText = (text: string): string => encodeURIComponent(text.toWellFormed());

function targets({ path, operation }: PlacedOperation, { known }: RequestSources): fc.Arbitrary<string> {
  const parameters = (operation.parameters ?? []).filter((one) => one.in === 'path');
  const steps = Object.fromEntries(
    parameters.map(({ name, schema }) => [
      name,
      mostly(
        3,
        fitting(schema as Json, known).map((value) => encodeText(String(value))),
        oddStep,
      ),
    ]),
  );
  return fc
    .tuple(
      fc.record(steps),
      mostly(30, fc.constant(''), fc.constantFrom('/', '//', '/..', '/%2e', ';', '.json')),
    )
    .map(([values, end]) => path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name]!) + end);
}

const ODD_QUERIES = [
  '&',
  '=',
  '%',
  'a=%ff',
  '__proto__=1',
  'limit',
  'limit=',
  'limit[]=1',
  'limit=1;2',
  'cursor=%00',
  'a=1&'.repeat(900),
];

function queries({ operation }: PlacedOperation, { known }: RequestSources): fc.Arbitrary<string> {
  const parameters = (operation.parameters ?? []).filter((one) => one.in === 'query');
  const pairs = parameters.map((parameter) => queryPair(parameter, known));
  const usual = fc.tuple(...pairs).map((given) => given.filter(Boolean).join('&'));
  const strange = fc
    .tuple(
      usual,
      mostly(
        3,
        fc.constantFrom(...ODD_QUERIES),
        oddText.map((text) => `x=${encodeText(text.slice(0, 4_000))}`),
      ),
    )
    .map((parts) => parts.join('&'));
  return mostly(parameters.length > 0 ? 6 : 12, usual, strange);
}

function queryPair({ name, schema }: Parameter, known: readonly string[]): fc.Arbitrary<string> {
  const pair = (value: unknown) => `${name}=${encodeText(asText(value).slice(0, 6_000))}`;
  const usual = fitting(schema as Json, known).map(pair);
  const strange = odd(schema as Json).map(pair);
  const twice = fc.tuple(usual, mostly(1, usual, strange)).map((both) => both.join('&'));
  return mostly(6, fc.constant(''), usual, usual, usual, strange, strange, twice);
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
