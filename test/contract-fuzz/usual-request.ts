// In: an operation. Out: valid requests: the right token, and a body with every field.
import fc from 'fast-check';
import type { PlacedOperation } from '../contracts/openapi-rules.ts';
import type { RequestSources } from './odd-headers.ts';
import type { RawRequest } from './odd-requests.ts';
import { fitting, type Json } from './odd-values.ts';

/** A request, and its body before it became bytes. */
export interface UsualRequest extends RawRequest {
  readonly value: unknown;
}

/** The schema of its body, if it has one. */
export const bodySchema = ({ operation }: PlacedOperation): Json | undefined =>
  operation.requestBody?.content?.['application/json']?.schema as Json | undefined;

/** So many of the same thing, each with another body and key. */
export function usualRequests(
  placed: PlacedOperation,
  { known, tokens }: RequestSources,
  count: number,
): UsualRequest[] {
  const { path, method, operation } = placed;
  return usualBodies(bodySchema(placed), known, count).map((value, n) => ({
    method: method.toUpperCase(),
    target: path.replaceAll(/\{\w+\}/g, encodeURIComponent(known[0]!)),
    headers: {
      authorization: (operation.security?.[0]?.service ? tokens.at(-1) : tokens[0])!,
      'content-type': 'application/json',
      'idempotency-key': `usual-request-${n}`,
      'if-match': '*',
    },
    value,
    body: value === undefined ? undefined : Buffer.from(JSON.stringify(value)),
  }));
}

function usualBodies(schema: Json | undefined, known: readonly string[], count: number): unknown[] {
  if (!schema) return Array.from({ length: count });
  // With every field that may be left out.
  const fullest = fitting({ ...schema, required: Object.keys(schema.properties ?? {}) }, known);
  return fc.sample(fullest, { seed: 1, numRuns: count });
}
