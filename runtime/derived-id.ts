// One id made of another, so that who knows the first knows the second.
import { createHash } from 'node:crypto';

/** `<kind>_` and 192 bits of a hash: the same for the same text, and no second text with this id can be found. */
export const derivedId = (kind: string, from: string): string =>
  `${kind}_${createHash('sha256').update(from).digest('base64url').slice(0, 32)}`;
