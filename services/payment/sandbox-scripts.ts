// The means of payment that the sandbox knows, and what comes of each.
import type { FailureReason } from './domain.ts';

export type Outcome = 'succeeded' | 'failed' | 'pending';

/** What the sandbox does with one means of payment. */
export interface Script {
  readonly outcome: Outcome;
  readonly reason?: FailureReason;
  /** How many first calls do not reach the provider. */
  readonly unheardCount?: number;
  /** The first answer gets lost. */
  readonly losesAnswer?: boolean;
  readonly webhookCount?: number;
}

export const DECLINED: Script = { outcome: 'failed', reason: 'declined' };

const SCRIPTS: ReadonlyMap<string, Script> = new Map<string, Script>(
  Object.entries({
    pm_ok: { outcome: 'succeeded' },
    pm_declined: DECLINED,
    pm_insufficient: { outcome: 'failed', reason: 'insufficient-funds' },
    pm_timeout_then_ok: { outcome: 'succeeded', losesAnswer: true },
    pm_timeout_then_failed: { outcome: 'failed', reason: 'declined', losesAnswer: true },
    pm_duplicate_webhook: { outcome: 'succeeded', webhookCount: 2 },
    pm_late_ok: { outcome: 'pending', webhookCount: 1 },
    pm_error_503_twice: { outcome: 'succeeded', unheardCount: 2 },
  } as const satisfies Record<string, Script>),
);

/** A means of payment that it does not know is an invalid one. */
export const scriptOf = (paymentMethod: string): Script =>
  SCRIPTS.get(paymentMethod) ?? { outcome: 'failed', reason: 'invalid-method' };
