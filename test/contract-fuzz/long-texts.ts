// An operation in, one request for each of its texts and each long run that a backtracking regular expression needs minutes for
// out. Always sent, never left to chance: one such text stops a whole process for all its callers.
import fc from 'fast-check';
import type { PlacedOperation } from '../contracts/openapi-rules.ts';
import { edit, placesOf } from './body-places.ts';
import type { RequestSources } from './odd-headers.ts';
import type { RawRequest } from './odd-requests.ts';
import { LONG } from './odd-texts.ts';
import { fitting, type Json } from './odd-values.ts';

/** What a run is made of, and what then does not match: by pairs, so that each is tried with some other. */
const RUNS = ['a\0', 'a\n', ' \0', ' !', '0-', '-\uD800', 'A ', 'é\0', '\t!', '@.'].map(
  ([unit, end]) => unit!.repeat(LONG / Buffer.byteLength(unit!)) + end,
);

/** Query texts stay below what a request line may have. */
const QUERY_LENGTH = 8_000;

/** Requests with everything else as it should be. */
export function longTextsTo(placed: PlacedOperation, sources: RequestSources): RawRequest[] {
  const { path, operation } = placed;
  const headers = {
    authorization: (operation.security?.[0]?.service ? sources.tokens.at(-1) : sources.tokens[0])!,
    'content-type': 'application/json',
    'idempotency-key': 'long-texts',
    'if-match': '*',
  };
  const method = placed.method.toUpperCase();
  const target = path.replaceAll(/\{\w+\}/g, encodeURIComponent(sources.known[0]!));
  const schema = operation.requestBody?.content?.['application/json']?.schema as Json | undefined;
  const [body] = schema ? fc.sample(fullest(schema, sources.known), { seed: 1, numRuns: 1 }) : [];
  const places = schema ? placesOf(schema, []).filter((place) => isText(place.schema)) : [];
  const queries = (operation.parameters ?? []).filter(
    (one) => one.in === 'query' && isText(one.schema as Json),
  );
  return RUNS.flatMap((run) => [
    ...places.map(({ steps }) => {
      const edited = edit(body, steps, (parent, last) => void (parent[last] = run));
      return { method, target, headers, body: Buffer.from(JSON.stringify(edited)) };
    }),
    ...queries.map(({ name }) => ({
      method,
      target: `${target}?${name}=${encodeURIComponent(run.toWellFormed()).slice(-QUERY_LENGTH)}`,
      headers,
      body: undefined,
    })),
  ]);
}

const isText = ({ type, anyOf, enum: values }: Json): boolean =>
  values === undefined && (type === 'string' || ((anyOf ?? []) as Json[]).some(isText));

/** With every field that may be left out. */
const fullest = (schema: Json, known: readonly string[]): fc.Arbitrary<unknown> =>
  fitting({ ...schema, required: Object.keys(schema.properties ?? {}) }, known);
