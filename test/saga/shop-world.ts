// The saga's three services by their own decisions, on a bus that loses nothing but repeats and reorders, with a provider that may
// answer late. The caller chooses each step.
import type { OrderCancelled, OrderPlaced } from '#contracts/orders.ts';
import type { PaymentRequested, PaymentSucceeded } from '#contracts/payments.ts';
import * as order from '../../services/order/domain.ts';
import * as payment from '../../services/payment/domain.ts';
import { MessageBus } from './message-bus.ts';
import { PRODUCT, Warehouse } from './warehouse.ts';

/** What the provider does with an order's charge. */
export type Fate = 'succeeds' | 'declines' | 'succeeds-late';

export interface OrderPlan {
  readonly orderId: string;
  readonly quantity: number;
  readonly fate: Fate;
}

/** Faults that a shop can be given, for negative controls. */
export interface Sabotage {
  /** Payment forgets what it did with an order, as it would without its row of the order. */
  readonly forgetsPayments?: boolean;
  /** Product takes each `order.placed` for a new one. */
  readonly forgetsReservations?: boolean;
}

const PRICE = 500;
const AT = '2026-11-24T08:00:00.000Z';

const announced = ({ paymentId, userId, amount }: payment.Payment) => ({ paymentId, userId, amount });
const toldOf = (orderId: string, { paymentId, userId, amount }: PaymentSucceeded) => ({
  paymentId,
  userId,
  amount,
  isOfOrder: paymentId === `pay-${orderId}`,
});

export class ShopWorld {
  readonly orders = new Map<string, order.Order>();
  readonly payments = new Map<string, payment.OrderMoney>();
  /** What the provider has charged and refunded, by order. */
  readonly charges = new Map<string, number>();
  readonly refunds = new Map<string, number>();
  readonly impossible: string[] = [];
  readonly warehouse: Warehouse;
  readonly bus: MessageBus;
  private readonly plans: ReadonlyMap<string, OrderPlan>;
  private readonly sabotage: Sabotage;

  constructor(plans: readonly OrderPlan[], onHand: number, sabotage: Sabotage = {}) {
    this.plans = new Map(plans.map((plan) => [plan.orderId, plan]));
    this.sabotage = sabotage;
    this.warehouse = new Warehouse(onHand, {
      publish: (message) => this.bus.publish(message),
      onImpossible: (what) => this.impossible.push(what),
      forgets: sabotage.forgetsReservations,
    });
    this.bus = new MessageBus({
      product: this.warehouse.handlers,
      order: {
        'stock.reserved': ({ orderId }) => this.command(orderId, { type: 'stockReserved', at: AT }),
        'stock.rejected': ({ orderId }) =>
          this.command(orderId, { type: 'stockRejected', at: AT, productId: PRODUCT }),
        'payment.succeeded': ({ orderId, data }) =>
          this.command(orderId, {
            type: 'paymentSucceeded',
            at: AT,
            ...toldOf(orderId, data as PaymentSucceeded),
          }),
        'payment.failed': ({ orderId, data }) =>
          this.command(orderId, {
            type: 'paymentFailed',
            at: AT,
            ...toldOf(orderId, data as PaymentSucceeded),
          }),
      },
      payment: {
        'payment.requested': ({ orderId, data }) => this.request(orderId, data as PaymentRequested),
        'order.cancelled': ({ orderId, data }) => {
          const { userId, total } = data as OrderCancelled;
          this.pay(orderId, { kind: 'note-cancellation', userId, total });
        },
      },
    });
  }

  place(orderId: string): void {
    const { quantity } = this.plans.get(orderId)!;
    const data: OrderPlaced = {
      orderId,
      userId: 'u',
      lines: [{ productId: PRODUCT, quantity, unitPriceMinor: PRICE }],
      total: { amountMinor: PRICE * quantity, currency: 'EUR' },
    };
    this.command(orderId, { type: 'place', at: AT, paymentMethod: 'pm', ...data });
  }

  expire = (orderId: string): void => this.command(orderId, { type: 'expire', at: AT });
  cancel = (orderId: string): void => this.command(orderId, { type: 'cancelByCustomer', at: AT });

  /** Orders whose payment has a next step: begin, receive an answer, refund. */
  payable(): string[] {
    return [...this.payments]
      .filter(([, { payment: one }]) => one && ['requested', 'charging', 'refunding'].includes(one.status))
      .map(([orderId]) => orderId);
  }

  /** Makes the next step of a payment, as the service's own loop does. */
  work(orderId: string): void {
    const { status } = this.payments.get(orderId)!.payment!;
    if (status === 'requested') this.pay(orderId, { kind: 'begin-charge' });
    else if (status === 'charging') this.answer(orderId);
    else {
      this.refunds.set(orderId, 1);
      const { refunds, amount } = this.payments.get(orderId)!.payment!;
      const { refundId } = refunds.find(({ state }) => state === 'open')!;
      const refundedMinor = amount.amountMinor;
      this.pay(orderId, { kind: 'accept-refund', refundId, outcome: 'done', refundedMinor, knownMinor: 0 });
    }
  }

  /** The provider makes a charge after it has answered, wrongly, that there would be none. */
  chargeLate(orderId: string): void {
    if (this.plans.get(orderId)!.fate !== 'succeeds-late') return;
    if (this.payments.get(orderId)?.payment?.status !== 'failed' || this.charges.has(orderId)) return;
    this.charges.set(orderId, 1);
    this.pay(orderId, { kind: 'accept-answer', answer: { kind: 'succeeded', providerRef: `ch-${orderId}` } });
  }

  private answer(orderId: string): void {
    const isCharged = this.plans.get(orderId)!.fate === 'succeeds';
    // The payment's id is the charge's idempotency key: asked twice, the provider charges once. A shop that forgets asks with a new key.
    if (isCharged) {
      const before = this.charges.get(orderId) ?? 0;
      this.charges.set(orderId, this.sabotage.forgetsPayments ? before + 1 : 1);
    }
    this.pay(orderId, {
      kind: 'accept-answer',
      answer: isCharged
        ? { kind: 'succeeded', providerRef: `ch-${orderId}` }
        : { kind: 'failed', reason: 'declined' },
    });
  }

  private command(orderId: string, command: order.Command): void {
    const before = this.orders.get(orderId);
    const decision = order.decide(command, before);
    if (decision.kind === 'impossible') this.impossible.push(`order ${before?.status}: ${command.type}`);
    if (decision.kind !== 'happened') return;
    const [event] = decision.events;
    this.orders.set(orderId, order.evolve(before, event));
    const topics = {
      placed: 'order.placed',
      paymentRequested: 'payment.requested',
      confirmed: 'order.confirmed',
      cancelled: 'order.cancelled',
    };
    this.bus.publish({ topic: topics[event.type], orderId, data: event.data });
  }

  private request(orderId: string, data: PaymentRequested): void {
    if (this.sabotage.forgetsPayments) this.payments.delete(orderId);
    this.pay(orderId, {
      kind: 'request',
      request: { ...data, paymentId: `pay-${orderId}`, requestedAtMs: 0 },
    });
  }

  private pay(orderId: string, command: payment.Command): void {
    let state = this.payments.get(orderId) ?? { isOrderCancelled: false };
    const decision = payment.decide(command, state);
    if (decision.kind === 'refused' || decision.kind === 'impossible')
      this.impossible.push(`payment ${state.payment?.status}: ${decision.why}`);
    if (decision.kind !== 'happened') return;
    for (const fact of decision.events) {
      state = payment.evolve(state, fact);
      const topic = {
        charged: 'payment.succeeded',
        'charge-failed': 'payment.failed',
        refunded: 'payment.refunded',
      }[fact.kind as string];
      if (topic) this.bus.publish({ topic, orderId, data: announced(state.payment!) });
    }
    this.payments.set(orderId, state);
  }
}
