// The test cards of the payment sandbox (services/payment/README.md), as the checkout offers them where no money moves.

/** A card of the sandbox, and what comes of it, in words for people. */
export interface SandboxMethod {
  readonly id: string;
  readonly name: string;
  readonly what: string;
}

export const SANDBOX_METHODS: readonly SandboxMethod[] = [
  { id: 'pm_ok', name: 'Card that works', what: 'It is charged at once.' },
  {
    id: 'pm_declined',
    name: 'Card that is declined',
    what: 'The bank says no: the order is cancelled and its stock is given back.',
  },
  {
    id: 'pm_insufficient',
    name: 'Card without enough money',
    what: 'The bank says no for want of money: the order is cancelled.',
  },
  {
    id: 'pm_late_ok',
    name: 'Card of a slow bank',
    what: 'It is charged after some seconds: time to watch the order, or to cancel it.',
  },
  {
    id: 'pm_timeout_then_ok',
    name: 'Lost answer, charged',
    what: 'The answer gets lost; the shop asks again and finds that it was charged, once.',
  },
  {
    id: 'pm_timeout_then_failed',
    name: 'Lost answer, declined',
    what: 'The answer gets lost; the shop asks again and finds that the bank said no.',
  },
  {
    id: 'pm_duplicate_webhook',
    name: 'Success reported twice',
    what: 'It is charged once, though the provider reports it twice.',
  },
  {
    id: 'pm_error_503_twice',
    name: 'Provider away twice',
    what: 'The provider does not answer twice; then it is charged.',
  },
];
