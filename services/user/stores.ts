// The stores of the service as one, so that a change of an account, its challenges and its sessions is one transaction.
import { schemaOf } from '#contracts/process.ts';
import { userService } from '#contracts/shop-processes.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { ChallengeStore } from './challenges/domain.ts';
import { createChallengeStore } from './challenges/store.ts';
import type { AccountStore } from './domain.ts';
import type { SessionStore } from './sessions/domain.ts';
import { createSessionStore } from './sessions/store.ts';
import { createAccountStore } from './store.ts';

export const SCHEMA = schemaOf(userService);

export interface Stores {
  readonly accounts: AccountStore;
  readonly challenges: ChallengeStore;
  readonly sessions: SessionStore;
}

/** Outside of a transaction, each method commits alone. */
export interface UserStores extends Stores {
  /** Runs the work in one transaction: all that it does is saved, or nothing. */
  transaction<Result>(work: (stores: Stores) => Promise<Result>): Promise<Result>;
}

/** The stores of the service's schema. */
export function createUserStores(pool: Pool): UserStores {
  const over = (queries: Pick<PoolClient, 'query'>): Stores => ({
    accounts: createAccountStore(queries),
    challenges: createChallengeStore(queries),
    sessions: createSessionStore(queries),
  });
  return { ...over(pool), transaction: (work) => inTransaction(pool, (client) => work(over(client))) };
}
