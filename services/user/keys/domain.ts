// When signing keys are made, used and deleted. Pure.
import type { PublicKey } from '../sessions/domain.ts';

const DAY_MS = 86_400_000;

/** How long one key signs. */
export const KEY_SIGNS_MS = 30 * DAY_MS;
/** The next key is published this long before it signs, so that every verifier has fetched it by then. */
export const KEY_LEAD_MS = DAY_MS;
/** A key stays public this long after its last signature: longer than an access token lives, with room for clocks that differ. */
export const KEY_AFTERLIFE_MS = 60 * 60_000;

export interface KeyTimes {
  readonly kid: string;
  readonly signsFromMs: number;
}

/** What has to be done about the keys now. */
export interface Rotation {
  /** A new key, and when it starts to sign. */
  readonly create?: { readonly signsFromMs: number };
  /** Keys whose last token has expired. */
  readonly expired: readonly string[];
}

export function decideRotation(keys: readonly KeyTimes[], nowMs: number): Rotation {
  const ordered = byStart(keys);
  const newest = ordered.at(-1);
  const expired = ordered
    .filter((_key, index) => (ordered[index + 1]?.signsFromMs ?? Infinity) + KEY_AFTERLIFE_MS <= nowMs)
    .map(({ kid }) => kid);
  // The very first key signs at once: no cache can hold a set without it.
  if (!newest) return { create: { signsFromMs: nowMs }, expired };
  const isDue = nowMs >= newest.signsFromMs + KEY_SIGNS_MS - KEY_LEAD_MS;
  if (!isDue) return { expired };
  // When no rotation ran for long, the old key signs on until the new one is known.
  return {
    create: { signsFromMs: Math.max(newest.signsFromMs + KEY_SIGNS_MS, nowMs + KEY_LEAD_MS) },
    expired,
  };
}

/** The key that signs now: the latest one that may sign. */
export const signingKeyAt = <Key extends KeyTimes>(keys: readonly Key[], nowMs: number): Key | undefined =>
  byStart(keys).findLast((key) => key.signsFromMs <= nowMs);

const byStart = <Key extends KeyTimes>(keys: readonly Key[]): Key[] =>
  keys.toSorted((one, other) => one.signsFromMs - other.signsFromMs || (one.kid < other.kid ? -1 : 1));

/** A key as it is kept. */
export interface StoredKey extends KeyTimes {
  readonly publicKey: PublicKey;
  /** The private key, encrypted. */
  readonly sealed: Buffer;
}

/** Keeps signing keys. */
export interface KeyStore {
  /** Held until the transaction ends: of replicas that rotate at the same time, one makes the new key. */
  lock(): Promise<void>;
  /** By the time from which they sign. */
  all(): Promise<StoredKey[]>;
  insert(key: StoredKey): Promise<void>;
  delete(kids: readonly string[]): Promise<void>;
}
