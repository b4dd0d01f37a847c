// A workload outside of Google Cloud that acts as a service account there, without a key: it shows a token that its own cluster signed, and
// Google exchanges it. Source: Google Cloud, "Configure Workload Identity Federation with Kubernetes" (looked up on 2026-11-29).
import { type AuthClient, IdentityPoolClient } from 'google-auth-library';

export interface FederatedIdentity {
  /** `projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`. */
  readonly provider: string;
  /** E-mail address of the service account that it becomes. */
  readonly serviceAccount: string;
  /** Kept fresh by the cluster, and read at each exchange. */
  readonly tokenFile: string;
}

/** What the client libraries of Google take as their credentials. */
export type GoogleLogin = AuthClient;

/**
 * Asks Google when a token is first needed, and again shortly before it expires. The addresses are no settings: a person who could change
 * them would be sent the tokens.
 * @param scopes by default all that the account may do
 */
export const googleLogin = (identity: FederatedIdentity, scopes?: readonly string[]): GoogleLogin =>
  new IdentityPoolClient({
    type: 'external_account',
    audience: `//iam.googleapis.com/${identity.provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${identity.serviceAccount}:generateAccessToken`,
    credential_source: { file: identity.tokenFile },
    ...(scopes ? { scopes: [...scopes] } : {}),
  });
