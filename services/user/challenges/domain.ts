// Challenges: when one may be issued, mailed and answered. Pure.
import type { ChallengePurpose } from '#contracts/users.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long the link of a mail works, from the first time the mail is written. */
export const TOKEN_LIFE_MS = 30 * MINUTE_MS;
/** A mail that is written later than this would surprise its reader. */
export const MAIL_DELAY_MS_MAX = 24 * HOUR_MS;
/** More would let anybody fill a stranger's mailbox. @see decideIssue */
export const ISSUES_PER_HOUR_MAX = 3;

export interface Challenge {
  readonly challengeId: string;
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly issuedAtMs: number;
  /** Absent until its mail was written. */
  readonly expiresAtMs?: number;
  readonly usedAtMs?: number;
}

/** @param issuedAtMs when earlier ones of the same account and purpose were issued */
export const mayIssue = (issuedAtMs: readonly number[], nowMs: number): boolean =>
  issuedAtMs.filter((atMs) => atMs > nowMs - HOUR_MS).length < ISSUES_PER_HOUR_MAX;

/**
 * Whether another mail is written. Beyond the three of an hour only where no link in the mailbox works any more: so a stranger who
 * has asked three times silences nobody, since the owner of the mailbox has links that do the same, or gets a new one. A mail
 * that is still to be written counts as if it were written now: an outage must not end in a heap of them.
 */
export const decideIssue = (earlier: readonly Challenge[], nowMs: number): boolean =>
  mayIssue(
    earlier.map(({ issuedAtMs }) => issuedAtMs),
    nowMs,
  ) ||
  earlier.every(
    ({ issuedAtMs, expiresAtMs = issuedAtMs + TOKEN_LIFE_MS, usedAtMs }) =>
      usedAtMs !== undefined || nowMs >= expiresAtMs,
  );

/**
 * Until when the link works, or undefined when the mail must not be written any more. Writing it again, as a consumer may,
 * does not make it last longer.
 */
export function decideMail(challenge: Challenge | undefined, nowMs: number): number | undefined {
  if (!challenge || challenge.usedAtMs !== undefined) return undefined;
  if (challenge.expiresAtMs !== undefined) {
    return nowMs < challenge.expiresAtMs ? challenge.expiresAtMs : undefined;
  }
  return nowMs < challenge.issuedAtMs + MAIL_DELAY_MS_MAX ? nowMs + TOKEN_LIFE_MS : undefined;
}

/** Whether a token that belongs to this challenge does what its holder wants. Once, in time, for its own purpose. */
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
