// How sign-ins and uses of refresh tokens end.
import { Counter, type Registry } from '#runtime/metrics.ts';
import type { RefreshVerdict, SignInResult } from './sessions/domain.ts';

export interface UserMetrics {
  signedIn(outcome: SignInResult['kind']): void;
  refreshed(outcome: RefreshVerdict): void;
}

export function createUserMetrics(registry: Registry): UserMetrics {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['outcome'], registers: [registry] });
  const signIns = counter('sign_ins_total', 'Attempts to sign in: signed-in, refused or locked');
  const refreshes = counter('refreshes_total', 'Uses of refresh tokens: rotate, refuse or revoke-family');
  return {
    signedIn: (outcome) => signIns.inc({ outcome }),
    refreshed: (outcome) => refreshes.inc({ outcome }),
  };
}
