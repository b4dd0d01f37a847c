// Shows, changes and erases what is kept of a person, each in one transaction.
import type { Secrets } from '../keys/secrets.ts';
import type { UserStores } from '../stores.ts';
import type { Profiles } from './domain.ts';

export interface ProfileParts {
  readonly stores: UserStores;
  readonly secrets: Secrets;
  readonly now: () => number;
}

export const createProfiles = ({ stores, secrets, now }: ProfileParts): Profiles => ({
  show: (userId) => stores.accounts.profile(userId),
  change: (userId, change, versions) =>
    stores.transaction(async ({ accounts }) => {
      const isChanged = await accounts.updateProfile(userId, change, versions);
      const profile = await accounts.profile(userId);
      if (!profile) return 'gone';
      return isChanged ? profile : 'changed-meanwhile';
    }),
  erase: (userId) =>
    stores.transaction(async ({ accounts, sessions }) => {
      const emailKey = await accounts.emailKey(userId);
      await accounts.erase(userId, now());
      if (emailKey === undefined) return;
      const accountKey = secrets.keyedHash(emailKey);
      await sessions.deleteFailures(accountKey);
      await sessions.deleteNetworks(accountKey);
    }),
});
