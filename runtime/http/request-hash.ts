// What was asked as a few bytes: the same request gives the same hash, whoever builds its JSON in whatever order.
import { hash } from 'node:crypto';

/** What tells one request from another. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: unknown;
}

/** A query may hold personal data, so the path alone stays readable; the hash covers all. */
export const fingerprint = ({ method, url, body }: Asked): { methodUrl: string; hash: Buffer } => ({
  methodUrl: `${method} ${url.split('?')[0]}`,
  hash: hashOf([method, url, ordered(body)]),
});

/** SHA-256 of a value's JSON. */
export const hashOf = (value: unknown): Buffer => hash('sha256', JSON.stringify(value), 'buffer');

/** Fields in one order, and told apart from lists. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { fields: fields.map(([name, field]) => [name, ordered(field)]) };
}
