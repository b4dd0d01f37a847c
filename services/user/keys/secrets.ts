// What is derived from the key-encryption key: encrypted private keys, tokens of challenges, keyed hashes of addresses.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '#runtime/errors.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 4;
const CIPHER = 'aes-256-gcm';

export interface Secrets {
  /** Encrypts and authenticates; only the same name can open it. */
  seal(name: string, plain: Uint8Array): Buffer;
  /** @throws AppError `sealed-by-another-key` when no key of the settings opens it, `seal-broken` when it was altered. */
  unseal(name: string, sealed: Buffer): Buffer;
  /** The token of a challenge: 256 bits derived from its id, so that a mail that is written twice has one link. */
  challengeToken(challengeId: string): string;
  /** A hash by which addresses are compared without being stored. */
  keyedHash(text: string): Buffer;
}

/** @param keys key-encryption keys of 32 bytes: the first seals, all open. */
export function createSecrets(keys: readonly [Buffer, ...Buffer[]]): Secrets {
  const [current] = keys;
  // A key of its own for each use, so that one use reveals nothing about another (RFC 5869).
  const ofUse = (key: Buffer, use: string) => Buffer.from(hkdfSync('sha256', key, '', `user/${use}`, 32));
  const sealing = new Map(keys.map((key) => [keyId(key), ofUse(key, 'seal')]));
  const token = ofUse(current, 'challenge-token');
  const hashing = ofUse(current, 'keyed-hash');
  return {
    seal: (name, plain) => seal(keyId(current), sealing.get(keyId(current))!, name, plain),
    unseal(name, sealed) {
      const key = sealing.get(sealed.subarray(0, KEY_ID_BYTES).toString('hex'));
      if (!key) {
        throw new AppError(
          'sealed-by-another-key',
          'a signing key was sealed by a key-encryption key that is not set: set SIGNING_KEK_PREVIOUS to it',
          { name },
        );
      }
      return open(key, name, sealed);
    },
    challengeToken: (challengeId) => createHmac('sha256', token).update(challengeId).digest('base64url'),
    keyedHash: (text) => createHmac('sha256', hashing).update(text).digest(),
  };
}

/** Names a key without revealing anything that helps to find it. */
const keyId = (key: Buffer): string =>
  createHash('sha256').update('key-id').update(key).digest().subarray(0, KEY_ID_BYTES).toString('hex');

function seal(id: string, key: Buffer, name: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.from(id, 'hex'), nonce, cipher.getAuthTag(), encrypted]);
}

function open(key: Buffer, name: string, sealed: Buffer): Buffer {
  const [nonceAt, tagAt, textAt] = [
    KEY_ID_BYTES,
    KEY_ID_BYTES + NONCE_BYTES,
    KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES,
  ];
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(nonceAt, tagAt), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(name))
      .setAuthTag(sealed.subarray(tagAt, textAt));
    return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]);
  } catch (error) {
    throw new AppError(
      'seal-broken',
      'a sealed signing key was altered or belongs to another name',
      { name },
      error,
    );
  }
}

/** The form in which tokens are stored. They are random, so a fast hash is enough. */
export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
