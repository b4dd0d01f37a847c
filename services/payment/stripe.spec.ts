import { describe, expect, it } from '@jest/globals';
import type { Stripe } from 'stripe';
import { answerOf } from './stripe.ts';

const intent = (status: string, code?: string) =>
  ({ id: 'pi_1', status, last_payment_error: code ? { code } : null }) as unknown as Stripe.PaymentIntent;

describe('a charge that needs its customer, as by 3-D Secure', () => {
  it.each(['requires_action', 'requires_payment_method'])(
    'has failed at the status %s: the customer is not there to confirm it, and an order must not wait for that',
    (status) => {
      expect(answerOf(intent(status, 'authentication_required'))).toEqual({
        kind: 'failed',
        reason: 'declined',
      });
    },
  );

  it('is distinguished from one that is still on its way', () => {
    expect(answerOf(intent('processing'))).toEqual({ kind: 'pending', providerRef: 'pi_1' });
  });
});
