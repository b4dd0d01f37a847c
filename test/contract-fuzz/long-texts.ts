// An operation in, one request for each of its texts and each long run that a backtracking regular expression needs minutes for
// out. Always sent, never left to chance: one such text stops a whole process for all its callers.
import type { PlacedOperation } from '../contracts/openapi-rules.ts';
import { edit, placesOf } from './body-places.ts';
import type { RequestSources } from './odd-headers.ts';
import type { RawRequest } from './odd-requests.ts';
import { LONG } from './odd-texts.ts';
import type { Json } from './odd-values.ts';
import { bodySchema, usualRequests } from './usual-request.ts';

/**
 * What a run is made of, and what then does not match: by pairs, so that each is tried with some other. U+0000 and half characters
 * are refused before any pattern sees them.
 */
const RUNS = ['a\x01', 'a\n', ' \x01', ' !', '0-', '-\uFFFF', 'A ', 'é\x01', '\t!', '@.'].map(
  ([unit, end]) => unit!.repeat(LONG / Buffer.byteLength(unit!)) + end,
);

/** Query texts stay below what a request line may have. */
const QUERY_LENGTH = 8_000;

/** Requests with everything else as it should be. */
export function longTextsTo(placed: PlacedOperation, sources: RequestSources): RawRequest[] {
  const { operation } = placed;
  const [usual] = usualRequests(placed, sources, 1);
  const { method, target, headers, value: body } = usual!;
  const schema = bodySchema(placed);
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
