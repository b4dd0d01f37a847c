// Every endpoint of the user service.
import { AppError } from '#runtime/errors.ts';
import { Problem, type Route } from '#runtime/http/api.ts';
import type { Challenges } from './challenges/domain.ts';
import type { AccountStore } from './domain.ts';
import { internalRoutes } from './internal-routes.ts';
import type { Profiles } from './profile/domain.ts';
import { profileRoutes } from './profile/http.ts';
import type { Registration } from './registration/domain.ts';
import { registrationRoutes } from './registration/http.ts';
import type { Sessions } from './sessions/domain.ts';
import { sessionRoutes } from './sessions/http.ts';

export interface UserEdges {
  readonly registration: Registration;
  readonly challenges: Challenges;
  readonly profiles: Profiles;
  readonly sessions: Sessions;
  readonly accounts: Pick<AccountStore, 'contact'>;
}

/** All endpoints; each may have to hash a password, and is then refused when too many requests wait for a hash. */
export const userRoutes = ({ registration, challenges, profiles, sessions, accounts }: UserEdges): Route[] =>
  [
    ...registrationRoutes(registration, challenges),
    ...profileRoutes(profiles),
    ...sessionRoutes(sessions),
    ...internalRoutes(accounts, challenges),
  ].map((route) => ({
    ...route,
    handle: (call) =>
      route.handle(call).catch((error: unknown) => {
        throw error instanceof AppError && error.code === 'busy' ? busy() : error;
      }),
  }));

const busy = (): Problem =>
  new Problem(503, 'busy', 'Too many are signing in right now: try again.', {}, { 'retry-after': '2' });
