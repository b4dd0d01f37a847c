import { describe, expect, it } from '@jest/globals';
import { ExternalAccountClient, type IdentityPoolClientOptions } from 'google-auth-library';
import { googleCredentials } from './google-identity.ts';

const PROVIDER = 'projects/1/locations/global/workloadIdentityPools/shop-dev-eks/providers/cluster';
const credentials = googleCredentials({
  provider: PROVIDER,
  serviceAccount: 'shop-dev-console@project.iam.gserviceaccount.com',
  tokenFile: '/var/run/token',
});

describe('the credentials of a workload on another cloud', () => {
  it('are such as Google’s own library takes, and make it act as the service account', () => {
    const client = ExternalAccountClient.fromJSON({ ...credentials } as IdentityPoolClientOptions);
    expect(client?.getServiceAccountEmail()).toBe('shop-dev-console@project.iam.gserviceaccount.com');
  });

  it('hold no secret: only where the token lies', () => {
    expect(credentials.audience).toBe(`//iam.googleapis.com/${PROVIDER}`);
    expect(credentials.credential_source).toEqual({ file: '/var/run/token' });
    expect(JSON.stringify(credentials)).not.toMatch(/private_key|client_secret|password/);
  });

  it('are exchanged at Google alone', () => {
    for (const url of [credentials.token_url, credentials.service_account_impersonation_url])
      expect(new URL(url).host).toMatch(/^(sts|iamcredentials)\.googleapis\.com$/);
  });
});
