// Who deploys on Google Cloud without being a person: `bootstrap` makes the account, and other stacks give it what it needs there.
import { namePrefix, type Settings } from '../settings.ts';

/** Its name, in front of the project. */
export const deployAccountId = (settings: Settings): string => `${namePrefix(settings)}-ci-deploy`;

/** As IAM writes it. */
export const deployAccountMember = (settings: Settings): string =>
  `serviceAccount:${deployAccountId(settings)}@${settings.gcp.projectId}.iam.gserviceaccount.com`;
