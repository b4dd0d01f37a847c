// A workload outside of Google Cloud that acts as a service account there, without a key: it shows a token that its own cluster signed, and
// Google exchanges it. Source: Google Cloud, "Configure Workload Identity Federation with Kubernetes" (looked up on 2026-11-29).

/** What the client libraries of Google read as credentials. None of it is secret: the token in the file is. */
export interface GoogleCredentials {
  readonly type: 'external_account';
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly service_account_impersonation_url: string;
  readonly credential_source: { readonly file: string };
}

export interface FederatedIdentity {
  /** `projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`. */
  readonly provider: string;
  /** E-mail address of the service account that it becomes. */
  readonly serviceAccount: string;
  /** Kept fresh by the cluster, and read at each exchange. */
  readonly tokenFile: string;
}

/** The addresses are Google's own and no setting's: whoever could change one would be sent the tokens. */
export const googleCredentials = ({
  provider,
  serviceAccount,
  tokenFile,
}: FederatedIdentity): GoogleCredentials => ({
  type: 'external_account',
  audience: `//iam.googleapis.com/${provider}`,
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
  credential_source: { file: tokenFile },
});
