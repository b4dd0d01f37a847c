// Loaded into a service's process before its main: no idempotency. A key must be sent and means nothing: every request is worked
// on, and makes things of new ids.
import { randomUUID } from 'node:crypto';
import { type KeyedRequest, type KeyStore, readKey, type StoredAnswer } from '#runtime/http/idempotency.ts';
import { substitute } from './substitute.ts';

substitute('http/idempotency.ts', import.meta.url);

export { readKey };

/** In place of the one that derives the id from caller and key. */
export const idFromKey = (_kind: string, _caller: string, _key: string): string => randomUUID();

/** In place of the one that stores the answer. */
export const answerOnce = async (
  _store: KeyStore,
  _request: KeyedRequest,
  work: () => Promise<StoredAnswer>,
) => ({ ...(await work()), isReplayed: false });
