import { describe, expect, it } from '@jest/globals';
import { judgeContext } from './context.ts';

const config = (name: string, server: string) => ({
  'current-context': name,
  contexts: [{ name, context: { cluster: 'one' } }],
  clusters: [{ name: 'one', cluster: { server } }],
});

describe('a cluster to experiment with', () => {
  it.each([
    ['kind-shop', 'https://172.18.0.2:6443'],
    ['k3d-shop', 'https://0.0.0.0:6550'],
    ['minikube', 'https://192.168.49.2:8443'],
    ['anything', 'https://127.0.0.1:26443'],
    ['anything', 'https://localhost:6443'],
    ['anything', 'https://[::1]:6443'],
  ])('is %s at %s', (name, server) => {
    expect(judgeContext(config(name, server)).reason).toBeUndefined();
  });

  it.each([
    [
      'arn:aws:eks:eu-central-1:123456789012:cluster/shop-prod',
      'https://ABC.gr7.eu-central-1.eks.amazonaws.com',
    ],
    ['kindergarten', 'https://10.0.0.1:6443'],
    ['prod', 'https://127.0.0.1.example.com'],
  ])('is not %s at %s', (name, server) => {
    expect(judgeContext(config(name, server)).reason).toMatch(/no cluster of this machine; --yes-really/);
  });

  it('is none where nothing is configured', () => {
    expect(judgeContext({}).reason).toMatch(/no context at no server/);
    expect(judgeContext({ 'current-context': 'constructor' }).reason).toMatch(/no server/);
  });
});
