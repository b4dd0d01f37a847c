// A password in, its scrypt hash out. Each hash names its parameters, so that they can grow. Memory is bounded: only so many hashes are
// computed at a time and only so many callers wait; any more are refused at once.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '#runtime/errors.ts';
import { canonicalPassword } from './domain.ts';

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

const BLOCK_SIZE = 8;
const PARALLELISM = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A stored hash with a higher cost is not ours: to check it would take more memory than the bound allows. */
const COST_LOG2_MAX = 20;
/** At about a third of a second for each hash, these wait some seconds: about as long as a person does. */
const WAITING_PER_HASH_MAX = 16;

export interface PasswordOptions {
  /** Cost N as a power of two: 17 takes 128 MiB and about a third of a second (OWASP Password Storage Cheat Sheet). */
  readonly costLog2: number;
  readonly hashesMax: number;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** False without a stored hash, after the same time. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
  /** True when the hash was made with a lower cost than today's. */
  isWeak(stored: string): boolean;
}

/** @throws AppError `busy` from hash and verify, when too many wait already. */
export function createPasswords({ costLog2, hashesMax }: PasswordOptions): Passwords {
  const inTurn = createTurns(hashesMax, hashesMax * WAITING_PER_HASH_MAX);
  const compute = (password: string, salt: Buffer, cost: number) =>
    inTurn(() => derive(canonicalPassword(password), salt, HASH_BYTES, scryptOptions(cost)));
  // No account's hash: it is compared when there is no account, so that the answer takes as long.
  const decoy = write(costLog2, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return write(costLog2, salt, await compute(password, salt, costLog2));
    },
    async verify(password, stored) {
      const { cost, salt, hash } = read(stored) ?? read(decoy)!;
      if (timingSafeEqual(await compute(password, salt, cost), hash)) return stored !== undefined;
      // A hash with a lower cost must not answer sooner: 2^c + (2^c + … + 2^(today-1)) = 2^today.
      for (let more = cost; more < costLog2; more += 1) await compute(password, salt, more);
      return false;
    },
    isWeak: (stored) => (read(stored)?.cost ?? 0) < costLog2,
  };
}

const scryptOptions = (costLog2: number) => ({
  N: 2 ** costLog2,
  r: BLOCK_SIZE,
  p: PARALLELISM,
  // 128·N·r bytes and a little (RFC 7914 §2); Node's own limit is 32 MiB.
  maxmem: 128 * 2 ** costLog2 * BLOCK_SIZE + 2 ** 20,
});

const FORM = new RegExp(
  `^\\$scrypt\\$ln=(\\d{1,2}),r=${BLOCK_SIZE},p=${PARALLELISM}\\$([A-Za-z0-9+/]{22})\\$([A-Za-z0-9+/]{43})$`,
);

/** The PHC string format, without padding. */
const write = (costLog2: number, salt: Buffer, hash: Buffer): string =>
  `$scrypt$ln=${costLog2},r=${BLOCK_SIZE},p=${PARALLELISM}$${unpadded(salt)}$${unpadded(hash)}`;

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function read(stored: string | undefined) {
  const [, cost, salt, hash] = FORM.exec(stored ?? '') ?? [];
  if (!cost || !salt || !hash || Number(cost) > COST_LOG2_MAX) return undefined;
  return { cost: Number(cost), salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** Runs at most so many at a time, in the order of their calls. */
function createTurns(runningMax: number, waitingMax: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < runningMax) running += 1;
    else if (waiting.length < waitingMax) {
      // The one that ends passes its turn on, so the number of running ones stays the same.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      throw new AppError('busy', 'too many wait for a password hash');
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
