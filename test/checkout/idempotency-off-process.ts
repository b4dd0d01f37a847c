// Loaded into a service's process before its main: switches idempotency off. A key must be sent but has no effect: each request is
// carried out, with a new id.
import { randomUUID } from 'node:crypto';
import { type KeyedRequest, type KeyStore, readKey, type StoredAnswer } from '#runtime/http/idempotency.ts';
import { substitute } from './substitute.ts';

substitute('http/idempotency.ts', import.meta.url);

export { readKey };

/** Replaces the function that derives the id from caller and key. */
export const idFromKey = (_kind: string, _caller: string, _key: string): string => randomUUID();

/** Replaces the function that stores the answer. */
export const answerOnce = async (
  _store: KeyStore,
  _request: KeyedRequest,
  work: () => Promise<StoredAnswer>,
) => ({ ...(await work()), isReplayed: false });
