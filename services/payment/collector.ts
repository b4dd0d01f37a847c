// Payments that wait in, calls to the provider out, answers back into the store. Guarantee: a crash, a time-out or a second replica
// never makes a second charge: every call has the payment's id as its key, and an unknown outcome is looked up.
import type { Circumstances } from '#runtime/decisions.ts';
import { AppError } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type {
  ChargeAnswer,
  Collector,
  Command,
  Found,
  Payment,
  PaymentStore,
  Refund,
  RefundAnswer,
} from './domain.ts';
import type { ChargeState, PaymentProvider, ProviderNews } from './provider.ts';
import { afterUnheard, stepDelayMs, stepOf } from './recovery.ts';
import type { Schedule } from './schedule.ts';

const LEASE_MS = 120_000;

export interface CollectorOptions {
  readonly store: PaymentStore;
  readonly schedule: Schedule;
  readonly provider: PaymentProvider;
  readonly log: Logger;
  /** Payments in progress at the same time. @default 16 */
  readonly concurrentMax?: number;
  /** How long a step is its taker's: longer than a look-up and a charge with all the retries of an adapter. @default 120_000 */
  readonly leaseMs?: number;
  /** Pause after an attempt. @default `stepDelayMs` */
  readonly delayMs?: (attempt: number) => number;
}

/** A collector, and what else sets it in motion: the clock and the provider. */
export interface RunningCollector extends Collector {
  /** Does what is due now; returns when it is done. */
  collectDue(): Promise<void>;
  /** Takes the provider's news, once. */
  accept(news: ProviderNews): Promise<void>;
  /** Resolves when nothing is in progress. */
  idle(): Promise<void>;
}

const DUE_COUNT_MAX = 200;

/** Collects and gives back for the payments of a store. */
export function createCollector(options: CollectorOptions): RunningCollector {
  const { schedule, provider, concurrentMax = 16 } = options;
  const inHand = new Set<Promise<void>>();
  const start = async (orderId: string): Promise<{ done: Promise<void> }> => {
    while (inHand.size >= concurrentMax) await Promise.race(inHand);
    const done: Promise<void> = workOn(orderId, options).finally(() => inHand.delete(done));
    inHand.add(done);
    return { done };
  };
  const collect = async (orderId: string): Promise<void> => void (await start(orderId));
  return {
    collect,
    idle: async () => {
      while (inHand.size > 0) await Promise.all(inHand);
    },
    collectDue: async () => {
      const started: Promise<void>[] = [];
      for (const orderId of await schedule.due(DUE_COUNT_MAX)) started.push((await start(orderId)).done);
      await Promise.all(started);
    },
    accepts: provider.accepts,
    refreshRefunds: async (orderId) => {
      try {
        await lookAtRefunds(orderId, options);
      } catch (error) {
        options.log.warn({ orderId, error }, 'refunds not looked at');
      }
    },
    accept: (news) => takeNews(news, options, collect),
  };
}

/** @throws AppError with the code of what can never be */
async function take(
  store: PaymentStore,
  orderId: string,
  command: Command,
  circumstances?: Circumstances,
): Promise<void> {
  const { decision } = await store.handle(orderId, command, circumstances);
  if (decision.kind === 'refused' || decision.kind === 'impossible')
    throw new AppError(decision.why, `${command.kind} is refused: ${decision.why}`, { orderId });
}

/** Takes the provider's news, once. */
async function takeNews(
  news: ProviderNews,
  options: CollectorOptions,
  collect: (orderId: string) => Promise<void>,
): Promise<void> {
  const { store, provider } = options;
  if ('providerRef' in news) {
    const orderId = await store.orderOf(news.providerRef);
    // Other users of the provider's account make refunds, too.
    if (orderId === undefined) return;
    await lookAtRefunds(orderId, options);
    return collect(orderId);
  }
  const { orderId, paymentId, eventId, answer } = news;
  const { payment } = await store.find(orderId);
  // Other users of the provider's account may name orders, too.
  if (payment?.paymentId !== paymentId) {
    throw new AppError('payment-unknown', 'news of a payment that is not known here', { orderId });
  }
  const cause = { from: `webhook-${provider.name}`, eventId };
  const command =
    answer.kind === 'refunded'
      ? ({ kind: 'accept-sum', refundedMinor: answer.refundedMinor } as const)
      : ({ kind: 'accept-answer', answer } as const);
  await take(store, orderId, command, { cause });
  await collect(orderId);
}

/** Step after step until nothing is due. Never throws: what failed is due again later, when its pause or its lease is over. */
async function workOn(orderId: string, options: CollectorOptions): Promise<void> {
  const { schedule, log, leaseMs = LEASE_MS, delayMs = stepDelayMs } = options;
  let attempt: number | undefined;
  try {
    while ((attempt = await schedule.take(orderId, leaseMs)) !== undefined) {
      const isDone = await takeStep(orderId, attempt, options);
      if (!isDone) return await schedule.postpone(orderId, attempt, delayMs(attempt));
    }
  } catch (error) {
    // Adapters word their errors without card or token; the log itself leaves the values of Postgres's out.
    log.warn({ orderId, attempt, error }, 'payment step failed; it is tried again');
    if (attempt === undefined) return;
    await schedule.postpone(orderId, attempt, delayMs(attempt)).catch(() => {});
  }
}

/** False when the provider has not decided yet. */
async function takeStep(
  orderId: string,
  attempt: number,
  { store, provider }: CollectorOptions,
): Promise<boolean> {
  const found = await store.find(orderId);
  const state = found.payment?.status === 'requested' ? await begin(orderId, store) : found;
  const { payment } = state;
  const step = payment && stepOf(payment, attempt);
  if (!step) return true;
  if (step === 'refund') return giveBack(orderId, payment, store, provider);
  const answer = step === 'charge' ? await charge(payment, provider) : await lookUp(state, attempt, provider);
  if (answer.kind === 'unheard') return false;
  await take(store, orderId, { kind: 'accept-answer', answer });
  return answer.kind !== 'pending';
}

/** Committed before the provider is called, so that a crash leaves an attempt that can be found. */
async function begin(orderId: string, store: PaymentStore): Promise<Found> {
  await take(store, orderId, { kind: 'begin-charge' });
  return store.find(orderId);
}

async function lookUp(state: Found, attempt: number, provider: PaymentProvider): Promise<ChargeState> {
  const payment = state.payment!;
  const found = await provider.lookup(payment);
  if (found.kind !== 'unheard') return found;
  const next = afterUnheard(state, attempt, Date.now() - payment.requestedAtMs);
  if (next.kind === 'give-up') return { kind: 'failed', reason: next.reason };
  return next.kind === 'charge' ? charge(payment, provider) : found;
}

/** Nothing costs nothing: providers refuse to charge it. */
const FREE: ChargeAnswer = { kind: 'succeeded', providerRef: 'free' };

async function charge(payment: Payment, provider: PaymentProvider): Promise<ChargeAnswer> {
  const { paymentId, orderId, amount, paymentMethod } = payment;
  if (amount.amountMinor === 0) return FREE;
  if (!paymentMethod) throw new AppError('payment-method-missing', 'an unsettled payment without its means');
  return provider.charge({ paymentId, orderId, amount, paymentMethod });
}

/** The refund that waits longest. False when it is on its way and may still fail. */
async function giveBack(
  orderId: string,
  payment: Payment,
  store: PaymentStore,
  provider: PaymentProvider,
): Promise<boolean> {
  const wish = payment.refunds.find(({ state }) => state === 'open');
  if (!wish) return true;
  const { refundId } = wish;
  const answer = await refund(payment, wish, provider);
  const knownMinor = payment.refundedMinor;
  await take(store, orderId, { kind: 'accept-refund', refundId, knownMinor, ...answer });
  return answer.outcome !== 'pending';
}

const NOTHING_BACK: RefundAnswer = { outcome: 'done', refundedMinor: 0 };

async function refund(
  { paymentId, amount, providerRef }: Payment,
  { refundId, amountMinor }: Refund,
  provider: PaymentProvider,
): Promise<RefundAnswer> {
  if (amount.amountMinor === 0) return NOTHING_BACK;
  if (!providerRef)
    throw new AppError('provider-ref-missing', 'a charged payment without the provider’s name');
  return provider.refund({ paymentId, providerRef, refundId, charged: amount, amountMinor });
}

async function lookAtRefunds(orderId: string, { store, provider }: CollectorOptions): Promise<void> {
  const { payment } = await store.find(orderId);
  const isCharged = payment && ['succeeded', 'refunding', 'refunded'].includes(payment.status);
  if (!isCharged || !payment.providerRef || payment.amount.amountMinor === 0) return;
  const charge = await provider.read(payment.providerRef);
  if (!charge) return;
  const knownMinor = payment.refundedMinor;
  await take(store, orderId, { kind: 'accept-sum', refundedMinor: charge.refundedMinor, knownMinor });
}
