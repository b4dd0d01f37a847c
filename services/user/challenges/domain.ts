// A challenge is a mail whose link only the reader of a mailbox can follow: when it is issued, mailed and answered. Pure.
import type { ChallengePurpose } from '#contracts/users.ts';
import type { Contact } from '../domain.ts';
import type { PasswordRefusal } from '../passwords/domain.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long the link of a mail works, counted from when the mail is first written. */
export const TOKEN_LIFE_MS = 30 * MINUTE_MS;
/** A mail that comes later than this would surprise its reader. */
export const MAIL_DELAY_MS_MAX = 24 * HOUR_MS;
/** More would let anybody fill a stranger's mailbox. @see mayIssue */
export const ISSUES_PER_HOUR_MAX = 3;

export interface Challenge {
  readonly challengeId: string;
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly issuedAtMs: number;
  /** Absent until its mail is written. */
  readonly expiresAtMs?: number;
  readonly usedAtMs?: number;
}

/** @param issuedAtMs when earlier challenges of the same account and purpose were issued */
export const isBelowHourlyLimit = (issuedAtMs: readonly number[], nowMs: number): boolean =>
  issuedAtMs.filter((atMs) => atMs > nowMs - HOUR_MS).length < ISSUES_PER_HOUR_MAX;

/**
 * Whether another challenge is issued. Above the hourly limit only when no link in the mailbox still works. So a stranger who asks
 * three times keeps no owner from their account: the owner has a link that works, or gets a new one. A challenge whose mail is not
 * written yet counts as open for as long as if it had been written when it was issued: an outage must not end in a heap of mails.
 */
export const mayIssue = (earlier: readonly Challenge[], nowMs: number): boolean =>
  isBelowHourlyLimit(
    earlier.map(({ issuedAtMs }) => issuedAtMs),
    nowMs,
  ) ||
  earlier.every(
    ({ issuedAtMs, expiresAtMs = issuedAtMs + TOKEN_LIFE_MS, usedAtMs }) =>
      usedAtMs !== undefined || nowMs >= expiresAtMs,
  );

/**
 * When the link of the mail stops working; undefined when the mail must no longer be written. Writing it again, as a consumer may,
 * does not make the link last longer.
 */
export function linkExpiresAtMs(challenge: Challenge | undefined, nowMs: number): number | undefined {
  if (!challenge || challenge.usedAtMs !== undefined) return undefined;
  if (challenge.expiresAtMs !== undefined) {
    return nowMs < challenge.expiresAtMs ? challenge.expiresAtMs : undefined;
  }
  return nowMs < challenge.issuedAtMs + MAIL_DELAY_MS_MAX ? nowMs + TOKEN_LIFE_MS : undefined;
}

/** Whether a token of this challenge is accepted: once, in time, for its own purpose. */
export const isAnswerable = (
  challenge: Challenge | undefined,
  purpose: ChallengePurpose,
  nowMs: number,
): challenge is Challenge =>
  challenge !== undefined &&
  challenge.purpose === purpose &&
  challenge.usedAtMs === undefined &&
  challenge.expiresAtMs !== undefined &&
  nowMs < challenge.expiresAtMs;

/** What the mail of a challenge needs. */
export interface ChallengeMail extends Contact {
  readonly token: string;
  readonly purpose: ChallengePurpose;
}

/** The token of a mail and the password that its reader sets. */
export interface ChallengeAnswer {
  readonly token: string;
  readonly password: string;
  /** Becomes a known network of the account. */
  readonly ip?: string | undefined;
}

/** What the HTTP edges ask of challenges. */
export interface Challenges {
  requestReset(email: string): Promise<'accepted' | 'email-invalid'>;
  /** Sets the password of the account: a person with the token has read the mail. */
  answer(
    purpose: ChallengePurpose,
    answer: ChallengeAnswer,
  ): Promise<'accepted' | 'token-invalid' | PasswordRefusal>;
  /** Repeatable: the token stays the same. Undefined when there is no longer anything to mail. */
  writeMail(challengeId: string): Promise<ChallengeMail | undefined>;
}

export interface NewChallenge {
  readonly challengeId: string;
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly atMs: number;
}

/** Keeps challenges. */
export interface ChallengeStore {
  /** The latest ten of an account and purpose. */
  latest(userId: string, purpose: ChallengePurpose): Promise<Challenge[]>;
  /** Locks it until the transaction ends: two writers of its mail follow each other. */
  lock(challengeId: string): Promise<Challenge | undefined>;
  /** Without a lock: before acting on it, lock the account and read it again. */
  findByToken(tokenSha256: Buffer): Promise<Challenge | undefined>;
  /** Inserts a challenge and its event. */
  insert(challenge: NewChallenge): Promise<void>;
  makeAnswerable(challengeId: string, tokenSha256: Buffer, expiresAtMs: number): Promise<void>;
  /** Ends every open challenge of a person: after one answer no other link in the mailbox works. */
  endAll(userId: string, atMs: number): Promise<void>;
}
