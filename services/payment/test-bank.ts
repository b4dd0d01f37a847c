// A provider in memory, for specs that try orders of things by the thousand.
import type { ChargeAnswer, Command, RefundAnswer } from './domain.ts';

/** What is charged, in minor units. */
export const AMOUNT = 1_250;

interface BankRefund {
  readonly refundId: string;
  readonly amountMinor: number;
  hasFailed: boolean;
}

/** A provider that does what it promises: one charge a key, one refund a wish, never more back than was charged. */
export class Bank {
  readonly willPay: boolean;
  answer: ChargeAnswer | undefined;
  chargeCount = 0;
  readonly refunds: BankRefund[] = [];
  /** News not sent yet; each may be sent again. */
  news: Command[] = [];

  constructor(willPay: boolean) {
    this.willPay = willPay;
  }

  charge(): ChargeAnswer {
    if (this.answer) return this.answer;
    if (this.willPay) this.chargeCount += 1;
    this.answer = this.willPay
      ? { kind: 'succeeded', providerRef: 'ref-1' }
      : { kind: 'failed', reason: 'declined' };
    this.news.push({ kind: 'accept-answer', answer: this.answer });
    return this.answer;
  }

  get refundedMinor(): number {
    return this.refunds.reduce((sum, one) => sum + (one.hasFailed ? 0 : one.amountMinor), 0);
  }

  refund(refundId: string, wished?: number): RefundAnswer {
    const left = AMOUNT * this.chargeCount - this.refundedMinor;
    const amountMinor = wished ?? left;
    const isKnown = this.refunds.some((one) => one.refundId === refundId && !one.hasFailed);
    if (!isKnown && amountMinor > left) return { outcome: 'refused', refundedMinor: this.refundedMinor };
    if (!isKnown && amountMinor > 0) this.give(refundId, amountMinor);
    return { outcome: 'done', refundedMinor: this.refundedMinor };
  }

  /** At the provider's own console. */
  refundByHand(amountMinor: number): void {
    if (this.chargeCount > 0 && amountMinor <= AMOUNT - this.refundedMinor) this.give('by-hand', amountMinor);
  }

  /** The customer's bank sends the last one back. */
  failLast(): void {
    const last = this.refunds.at(-1);
    if (last) last.hasFailed = true;
  }

  private give(refundId: string, amountMinor: number): void {
    this.refunds.push({ refundId, amountMinor, hasFailed: false });
    this.news.push({ kind: 'accept-sum', refundedMinor: this.refundedMinor });
  }
}
