import { describe, expect, it } from '@jest/globals';
import { IdentityPoolClient } from 'google-auth-library';
import { googleLogin } from './google-identity.ts';

const IDENTITY = {
  provider: 'projects/1/locations/global/workloadIdentityPools/shop-dev-eks/providers/cluster',
  serviceAccount: 'shop-dev-console@project.iam.gserviceaccount.com',
  tokenFile: '/var/run/token',
};

describe('the login of a workload on another cloud', () => {
  it('acts as the service account, for all that this may do', () => {
    const login = googleLogin(IDENTITY) as IdentityPoolClient;
    expect(login.getServiceAccountEmail()).toBe(IDENTITY.serviceAccount);
    expect(login.scopes).toEqual(['https://www.googleapis.com/auth/cloud-platform']);
  });

  it('is for less where less is asked for', () => {
    expect((googleLogin(IDENTITY, ['one']) as IdentityPoolClient).scopes).toEqual(['one']);
  });

  it('has no token where the cluster gave none', async () => {
    const login = googleLogin({ ...IDENTITY, tokenFile: '/nowhere/token' });
    await expect(login.getAccessToken()).rejects.toThrow('/nowhere/token');
  });
});
