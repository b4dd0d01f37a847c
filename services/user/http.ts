// Every endpoint of the user service.
import type { Route } from '#runtime/http/api.ts';
import type { Accounts } from './domain.ts';
import { registrationRoutes } from './registration/http.ts';
import { internalRoutes } from './internal-routes.ts';
import { profileRoutes } from './profile/http.ts';
import type { Sessions } from './sessions/domain.ts';
import { sessionRoutes } from './sessions/http.ts';

export const createRoutes = (accounts: Accounts, sessions: Sessions): Route[] => [
  ...registrationRoutes(accounts),
  ...profileRoutes(accounts),
  ...sessionRoutes(sessions),
  ...internalRoutes(accounts),
];
