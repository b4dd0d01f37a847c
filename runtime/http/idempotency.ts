// A request with an Idempotency-Key is worked on once; who repeats it gets the stored answer. In: the key, what was asked, and
// the work. Out: the answer of the first run.
//
// The key is reserved before the work and the answer stored after it, in transactions of their own. So a process that dies in
// between leaves a key that is in progress; after a minute the next try takes it over and runs the work again, which by then
// may have been committed. Therefore the work of an idempotent route must give its things ids that derive from caller and key
// (`idFromKey`): the second run then finds what the first one made, and returns it, instead of making it twice.
import { hash } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Pool } from '../postgres/database.ts';
import { tableOf } from '../postgres/schema-names.ts';

import { Problem } from './problem.ts';

/** Where the keys are kept: the table `idempotency` of a service's schema. */
export interface KeyStore {
  readonly pool: Pool;
  readonly schema: string;
  /** After this the first run is taken for dead. Longer than any request may last. @default 60_000 */
  readonly takeOverAfterMs?: number;
}

/** What distinguishes one request from another. */
interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: unknown;
}

export interface KeyedRequest extends Asked {
  /** `callerKey()` of who asks: keys of different callers never meet. */
  readonly caller: string;
  readonly key: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const TAKE_OVER_AFTER_MS = 60_000;
const KEY_FORM = /^[\x21-\x7e]{8,128}$/;

/**
 * The key of a header.
 * @throws Problem 400 `idempotency-key-invalid` without one, or for one that could not be unique
 */
export function readKey(header: string | string[] | undefined): string {
  if (typeof header === 'string' && KEY_FORM.test(header)) return header;
  const detail =
    'Send the header Idempotency-Key: 8 to 128 visible characters, best a UUID; the same again for a repetition.';
  throw new Problem(400, 'idempotency-key-invalid', detail);
}

/** An id, as a UUID, for what a request makes: the same for the same caller, key and kind of thing. */
export function idFromKey(kind: string, caller: string, key: string): string {
  const hex = hashOf([kind, caller, key]).toString('hex');
  // Version 8 is for ids by an application's own rule (RFC 9562 §5.8).
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/**
 * The answer of the work, or the one stored before. An answer of 5xx, or an error, frees the key: it may be tried again.
 * @throws AppError `idempotency-key-reused` for another request with this key, `request-in-progress` while the first one runs
 */
export async function answerOnce(
  store: KeyStore,
  request: KeyedRequest,
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer & { readonly isReplayed: boolean }> {
  const claim = await reserve(store, request);
  if (typeof claim === 'object') return { ...claim, isReplayed: true };
  try {
    const answer = await work();
    if (answer.status >= 500) await release(store, request, claim);
    else await finish(store, request, claim, answer);
    return { ...answer, isReplayed: false };
  } catch (error) {
    // The error of the work matters more than an error of freeing the key, which becomes free in time anyway.
    await release(store, request, claim).catch(() => {});
    throw error;
  }
}

interface Row {
  readonly method_url: string;
  readonly request_hash: Buffer;
  readonly status: number | null;
  readonly body: unknown;
  readonly headers: Record<string, string> | null;
}

/** The claim (when it was made, exactly) of a key that is now ours, or the answer that is stored under it. */
async function reserve(
  { pool, schema, takeOverAfterMs = TAKE_OVER_AFTER_MS }: KeyStore,
  request: KeyedRequest,
): Promise<string | StoredAnswer> {
  const { caller, key } = request;
  const { methodUrl, hash } = fingerprint(request);
  const taken = await pool.query<{ claim: string }>(
    `INSERT INTO ${tableOf(schema, 'idempotency')} AS known (caller, key, method_url, request_hash, created_at)
     VALUES ($1, $2, $3, $4, clock_timestamp())
     ON CONFLICT (caller, key) DO UPDATE SET created_at = clock_timestamp()
       WHERE known.status IS NULL AND known.created_at < clock_timestamp() - make_interval(secs => $5)
         AND known.request_hash = excluded.request_hash AND known.method_url = excluded.method_url
     RETURNING created_at::text AS claim`,
    [caller, key, methodUrl, hash, takeOverAfterMs / 1_000],
  );
  if (taken.rows[0]) return taken.rows[0].claim;
  const { rows } = await pool.query<Row>(
    `SELECT method_url, request_hash, status, body, headers FROM ${tableOf(schema, 'idempotency')} WHERE caller = $1 AND key = $2`,
    [caller, key],
  );
  const row = rows[0];
  if (row && (row.method_url !== methodUrl || !row.request_hash.equals(hash))) throw reused();
  // No row: the first run has failed this very moment, and the next try may begin.
  if (!row || row.status === null) throw inProgress();
  return { status: row.status, body: row.body ?? undefined, headers: row.headers ?? {} };
}

/** Only while the claim is still ours: who was taken for dead must not write over who took over. */
const finish = ({ pool, schema }: KeyStore, request: KeyedRequest, claim: string, answer: StoredAnswer) =>
  pool.query(
    `UPDATE ${tableOf(schema, 'idempotency')} SET status = $4, body = $5, headers = $6
     WHERE caller = $1 AND key = $2 AND created_at = $3::timestamptz AND status IS NULL`,
    [
      request.caller,
      request.key,
      claim,
      answer.status,
      answer.body === undefined ? null : JSON.stringify(answer.body),
      JSON.stringify(answer.headers),
    ],
  );

const release = ({ pool, schema }: KeyStore, request: KeyedRequest, claim: string) =>
  pool.query(
    `DELETE FROM ${tableOf(schema, 'idempotency')}
     WHERE caller = $1 AND key = $2 AND created_at = $3::timestamptz AND status IS NULL`,
    [request.caller, request.key, claim],
  );

const reused = (): AppError => new AppError('idempotency-key-reused', 'the key was used for another request');

const inProgress = (): AppError =>
  new AppError('request-in-progress', 'the first request with this key is in progress');

/** A query may hold personal data, so the path alone stays readable; the hash covers all. */
const fingerprint = ({ method, url, body }: Asked): { methodUrl: string; hash: Buffer } => ({
  methodUrl: `${method} ${url.split('?')[0]}`,
  hash: hashOf([method, url, ordered(body)]),
});

/** SHA-256 of a value's JSON. */
const hashOf = (value: unknown): Buffer => hash('sha256', JSON.stringify(value), 'buffer');

/** Fields in a fixed order, and objects distinct from lists. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { fields: fields.map(([name, field]) => [name, ordered(field)]) };
}
