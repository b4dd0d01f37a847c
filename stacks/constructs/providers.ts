// The clouds' providers: which account or project, and the labels of everything.
import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider/index.js';
import { GoogleBetaProvider } from '@cdktf/provider-google-beta/lib/provider/index.js';
import type { PlatformStack } from './platform-stack.ts';

/** On every resource of both clouds: lower case, as Google's labels must be. */
export const labelsOf = ({ settings }: PlatformStack): Record<string, string> => ({
  project: settings.project,
  environment: settings.environment,
  owner: settings.owner,
  managed_by: 'terraform',
});

/** AWS in the environment's account: with the credentials of another account every plan fails. */
export function useAws(stack: PlatformStack): AwsProvider {
  const { region, accountId } = stack.settings.aws;
  return new AwsProvider(stack, 'aws', {
    region,
    allowedAccountIds: [accountId],
    defaultTags: [{ tags: labelsOf(stack) }],
  });
}

/** Google Cloud in the environment's project. */
export function useGoogle(stack: PlatformStack): GoogleProvider {
  return new GoogleProvider(stack, 'google', googleConfig(stack));
}

/** For the few resources that only the beta provider has; they name it: `provider: beta`. */
export function useGoogleBeta(stack: PlatformStack): GoogleBetaProvider {
  return new GoogleBetaProvider(stack, 'google-beta', googleConfig(stack));
}

const googleConfig = (stack: PlatformStack) => ({
  project: stack.settings.gcp.projectId,
  region: stack.settings.gcp.region,
  defaultLabels: labelsOf(stack),
});
