// Notifications that are due in, mails out: claim, ask for the address, write, hand over, mark. A mail rather goes out twice
// than not at all (README: "Once or twice"), and twice only when a process dies while a mail server has the mail.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '#runtime/backoff.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import { inTrace, traceIdOf } from '#runtime/trace.ts';
import {
  type AddressBook,
  afterOutage,
  type Claimed,
  type Contact,
  type Mailer,
  type NotificationStore,
  type Outcome,
} from './domain.ts';
import { type LetterSettings, writeLetterOf } from './letters/letters.ts';
import type { NotificationMetrics } from './metrics.ts';

export interface DispatchParts {
  readonly store: NotificationStore;
  readonly addresses: AddressBook;
  readonly mailer: Mailer;
  readonly letters: LetterSettings;
  /** Right side of every Message-ID. */
  readonly messageDomain: string;
  readonly attemptsMax: number;
  readonly metrics: NotificationMetrics;
  readonly log: Logger;
  /** @default Math.random */
  readonly random?: () => number;
}

/** A round takes so many, side by side. */
const MAILS_PER_ROUND = 20;
const MARK_TRIES = 4;
const MARK_PAUSE_MS = 500;
const RETRY_DELAY_MS = 5_000;
const RETRY_DELAY_MS_MAX = 3_600_000;

/** Before the next attempt: doubles from 5 s to an hour. */
export const retryDelayMs = (attempt: number, random?: () => number): number =>
  backoffMs(attempt - 1, RETRY_DELAY_MS, RETRY_DELAY_MS_MAX, random);

/** Sends what is due now; a job repeats it. */
export async function dispatchRound(parts: DispatchParts): Promise<void> {
  const claimed = await parts.store.claim(MAILS_PER_ROUND);
  const rounds = await Promise.allSettled(
    claimed.map((one) => inTrace(one.traceparent, () => work(parts, one))),
  );
  const failure = rounds.find((round) => round.status === 'rejected');
  if (failure) throw failure.reason;
}

async function work(parts: DispatchParts, claimed: Claimed): Promise<void> {
  const { metrics, log } = parts;
  const { template } = claimed.facts;
  if (claimed.mayHaveArrived) metrics.handedAgain(template);
  const outcome = await attempt(parts, claimed);
  if (!outcome || !(await mark(parts, claimed, outcome))) {
    log.warn(factsOf(claimed), 'another sender has claimed the notification');
    return;
  }
  metrics.attempted(template, outcome.state);
  if (outcome.state === 'failed')
    log.error({ ...factsOf(claimed), reason: outcome.reason }, 'notification failed');
}

const factsOf = ({ notificationId, traceparent }: Claimed) => ({ notificationId, ...traceIdOf(traceparent) });

/** How the attempt ended; undefined when the claim was lost before the mail left. */
async function attempt(parts: DispatchParts, claimed: Claimed): Promise<Outcome | undefined> {
  const { store, mailer, attemptsMax, log, random } = parts;
  // A mail that ends its process each time would otherwise be tried for ever.
  if (claimed.attempt > attemptsMax) return { state: 'failed', reason: 'attempts-exhausted' };
  try {
    const addressed = await lookUp(parts, claimed);
    if ('state' in addressed) return addressed;
    const { notificationId, facts } = claimed;
    const letter = writeLetterOf({ ...parts.letters, facts, ...addressed });
    if (!(await store.handOver(claimed))) return undefined;
    const messageId = `${notificationId}@${parts.messageDomain}`;
    const answer = await mailer.send({ ...letter, messageId, to: addressed.email });
    return answer === 'accepted' ? { state: 'sent' } : { state: 'failed', reason: 'recipient-refused' };
  } catch (error) {
    const facts = { ...factsOf(claimed), attempt: claimed.attempt };
    log.warn({ ...facts, reason: messageOf(error) }, 'notification not sent');
    return afterOutage(claimed.attempt, attemptsMax, retryDelayMs(claimed.attempt, random));
  }
}

async function lookUp(
  { addresses }: DispatchParts,
  { facts, userId }: Claimed,
): Promise<(Contact & { readonly token?: string }) | Outcome> {
  if ('challengeId' in facts) {
    const mail = await addresses.challengeMail(facts.challengeId);
    return mail ?? { state: 'dropped', reason: 'challenge-over' };
  }
  return (await addresses.contactOf(userId)) ?? { state: 'dropped', reason: 'user-erased' };
}

/** The mail is out: a database that is away for a moment must not make it go out again. */
async function mark({ store }: DispatchParts, claimed: Claimed, outcome: Outcome): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.finish(claimed, outcome);
    } catch (error) {
      if (tries === MARK_TRIES) throw error;
      await sleep(backoffMs(tries, MARK_PAUSE_MS));
    }
  }
}
