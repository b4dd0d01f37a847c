// What a customer is notified of, and what becomes of a mail that cannot be sent. Pure; and the ports by which mails leave.
import { isSameMoney, type Money } from '#contracts/money.ts';
import type { NotificationTemplate } from '#contracts/notifications.ts';
import type { CancellationReason } from '#contracts/orders.ts';
import type { ChallengePurpose } from '#contracts/users.ts';

/** What a mail says, by template. Ids and amounts only: address and token are asked for when it is written. */
export type Facts =
  | { readonly template: ChallengePurpose; readonly challengeId: string }
  | { readonly template: 'order-confirmed'; readonly orderId: string; readonly total: Money }
  | {
      readonly template: 'order-cancelled';
      readonly orderId: string;
      readonly total: Money;
      readonly reason: CancellationReason;
    }
  | { readonly template: 'payment-refunded'; readonly orderId: string; readonly amount: Money };

/** A notification that an event asks for. */
export interface Wanted {
  readonly causeSource: string;
  readonly causeId: string;
  readonly userId: string;
  readonly facts: Facts;
}

/** What a customer was notified of earlier. */
export type Earlier = Pick<Wanted, 'userId' | 'facts'>;

type Contradiction =
  | 'told-another-customer'
  | 'told-another-end'
  | 'told-another-total'
  | 'refund-exceeds-total';

export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly [Wanted] }
  | { readonly kind: 'impossible'; readonly why: Contradiction };

/** Whether a customer is notified. @param earlier of the same order, without repeats of the same event */
export function decide(wanted: Wanted, earlier: readonly Earlier[]): Decision {
  const why = contradictionOf(wanted, earlier);
  return why ? { kind: 'impossible', why } : { kind: 'happened', events: [wanted] };
}

/** An order has one customer, one total and one end, and no more is refunded than its total. */
function contradictionOf({ userId, facts }: Wanted, earlier: readonly Earlier[]): Contradiction | undefined {
  if (earlier.some((one) => one.userId !== userId)) return 'told-another-customer';
  const ends = earlier.map((one) => one.facts).filter((one) => 'total' in one);
  if ('total' in facts) {
    if (ends.some(({ template }) => template !== facts.template)) return 'told-another-end';
    if (ends.some(({ total }) => !isSameMoney(total, facts.total))) return 'told-another-total';
  }
  if (!('amount' in facts)) return undefined;
  const { amount } = facts;
  const isTooMuch = ends.some(
    ({ total }) => total.currency !== amount.currency || total.amountMinor < amount.amountMinor,
  );
  return isTooMuch ? 'refund-exceeds-total' : undefined;
}

/** A notification that one sender has claimed. */
export interface Claimed {
  readonly notificationId: string;
  /** Which attempt it is, from 1; a later claim has a higher one. */
  readonly attempt: number;
  /** True when an earlier sender vanished while a mail server had the mail: it may arrive twice. */
  readonly mayHaveArrived: boolean;
  readonly causeId: string;
  readonly traceparent?: string;
  readonly userId: string;
  readonly facts: Facts;
}

export type NotificationState = 'pending' | 'sending' | 'sent' | 'dropped' | 'failed';
export type DropReason = 'user-erased' | 'challenge-over';
export type FailReason = 'recipient-refused' | 'attempts-exhausted';

/** How an attempt ended. */
export type Outcome =
  | { readonly state: 'sent' }
  | { readonly state: 'dropped'; readonly reason: DropReason }
  | { readonly state: 'failed'; readonly reason: FailReason }
  | { readonly state: 'pending'; readonly delayMs: number };

/** What follows when a mail could not be sent for a reason that may pass: the user service or the mail server is away. */
export const afterOutage = (attempt: number, attemptsMax: number, delayMs: number): Outcome =>
  attempt >= attemptsMax ? { state: 'failed', reason: 'attempts-exhausted' } : { state: 'pending', delayMs };

/** Where and in which language a user is written to. */
export interface Contact {
  readonly email: string;
  /** BCP 47, such as `de-AT`. */
  readonly locale: string;
}

/** Asks the user service, at the moment of sending. Both throw when it gives no answer. */
export interface AddressBook {
  /** Undefined once the user is erased. */
  contactOf(userId: string): Promise<Contact | undefined>;
  /** Undefined once the challenge is answered, too old, or its user erased. The token stays the same however often asked. */
  challengeMail(challengeId: string): Promise<(Contact & { readonly token: string }) | undefined>;
}

/** The same content twice: as plain text and as HTML. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** One mail to one recipient. */
export interface Mail extends Letter {
  /** Without its angle brackets; the same for every try at a notification, so that mailboxes drop a repeat. */
  readonly messageId: string;
  readonly to: string;
}

/** Where mails go. */
export interface Mailer {
  /**
   * `accepted`: the mail server is responsible for it now. `refused`: the recipient does not exist, so trying again is useless.
   * @throws an error without the address in it when it may work later; the mail may have arrived nonetheless
   */
  send(mail: Mail): Promise<'accepted' | 'refused'>;
}

/** A notification as an admin sees it. */
export interface Listed {
  readonly notificationId: string;
  readonly userId: string;
  readonly template: NotificationTemplate;
  readonly state: NotificationState;
  readonly attempts: number;
  readonly reason?: string;
  /** RFC 3339 with microseconds: it is also the list's sort key. */
  readonly createdAt: string;
}

export interface ListPosition {
  readonly createdAt: string;
  readonly notificationId: string;
}

/** Keeps notifications. */
export interface NotificationStore {
  /** Keeps a notification to send, unless it contradicts earlier ones; the same cause again changes nothing. */
  record(wanted: Wanted): Promise<Decision>;
  /** Claims notifications that are due, or whose sender vanished. */
  claim(countMax: number): Promise<Claimed[]>;
  /** How long until the next one is due, in ms; undefined when none waits. */
  nextDueMs(): Promise<number | undefined>;
  /** Marks that the mail is given to a mail server now; false when another sender has claimed it meanwhile. */
  handOver(claimed: Claimed): Promise<boolean>;
  /** Ends an attempt, and publishes a sent one; false when another sender has claimed it meanwhile. */
  finish(claimed: Claimed, outcome: Outcome): Promise<boolean>;
  /** Newest first, at most `limit`, older than the position. */
  list(state: NotificationState, limit: number, before?: ListPosition): Promise<Listed[]>;
  /** Makes a failed one due again, with all its attempts. */
  retry(notificationId: string): Promise<'retried' | 'not-failed' | 'unknown'>;
  /** How many are not finished, and since when the oldest is due, in seconds. */
  backlog(): Promise<{ readonly waiting: number; readonly oldestSeconds: number }>;
  /** Deletes those finished so long ago, so many at most; how many. */
  forgetFinished(sinceMs: number, countMax: number): Promise<number>;
}
