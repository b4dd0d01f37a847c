// What a caller can put right, by its code: the status and the sentence that go with it.
import { Problem } from '#runtime/http/problem.ts';

const REFUSALS = {
  'price-changed': [409, 'The total is another by now: show it to the customer and place the order anew.'],
  'unknown-product': [422, 'Products of the order are not known here.'],
  'inactive-product': [422, 'Products of the order are no longer sold.'],
  'duplicate-product': [422, 'Products of the order are in more than one line: add their quantities.'],
  'currency-mismatch': [422, 'Products of the order are not sold in its currency.'],
  'total-too-large': [422, 'The order is too large: split it.'],
  'idempotency-key-reused': [422, 'An earlier order was placed with this Idempotency-Key: take a new one.'],
} as const;

/** The problem of a code; `extra` are the members that help to put it right. */
export function refusal(code: keyof typeof REFUSALS, extra: Readonly<Record<string, unknown>> = {}): Problem {
  const [status, detail] = REFUSALS[code];
  return new Problem(status, code, detail, extra);
}
