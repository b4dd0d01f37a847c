// When signing keys are made, used and forgotten. Pure.

const DAY_MS = 86_400_000;

/** How long one key signs. */
export const KEY_SIGNS_MS = 30 * DAY_MS;
/** The next key is public this long before it signs: by then every verifier has fetched it. */
export const KEY_LEAD_MS = DAY_MS;
/** A key stays public this long after its last signature: beyond the life of an access token and every clock's error. */
export const KEY_AFTERLIFE_MS = 60 * 60_000;

export interface KeyTimes {
  readonly kid: string;
  readonly signsFromMs: number;
}

/** What has to be done about the keys now. */
export interface KeyPlan {
  /** A new key, and when it starts to sign. */
  readonly create?: { readonly signsFromMs: number };
  /** Keys whose last token has ended. */
  readonly forget: readonly string[];
}

export function planKeys(keys: readonly KeyTimes[], nowMs: number): KeyPlan {
  const ordered = byStart(keys);
  const newest = ordered.at(-1);
  const forget = ordered
    .filter((_key, index) => (ordered[index + 1]?.signsFromMs ?? Infinity) + KEY_AFTERLIFE_MS <= nowMs)
    .map(({ kid }) => kid);
  // The very first: nobody can have cached a set without it.
  if (!newest) return { create: { signsFromMs: nowMs }, forget };
  const isDue = nowMs >= newest.signsFromMs + KEY_SIGNS_MS - KEY_LEAD_MS;
  if (!isDue) return { forget };
  // After a long standstill the old key signs on until the new one is known.
  return {
    create: { signsFromMs: Math.max(newest.signsFromMs + KEY_SIGNS_MS, nowMs + KEY_LEAD_MS) },
    forget,
  };
}

/** The key that signs now: the latest whose time has come. */
export const signingKeyAt = <Key extends KeyTimes>(keys: readonly Key[], nowMs: number): Key | undefined =>
  byStart(keys).findLast((key) => key.signsFromMs <= nowMs);

const byStart = <Key extends KeyTimes>(keys: readonly Key[]): Key[] =>
  keys.toSorted((one, other) => one.signsFromMs - other.signsFromMs || (one.kid < other.kid ? -1 : 1));
