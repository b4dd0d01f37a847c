// Services in Kubernetes have, on AWS, what their contract says: shown by services that are made up, so that the rule holds
// for those to come.
import { describe, expect, it } from '@jest/globals';
import { Testing } from 'cdktf';
import type { Process } from '#contracts/process.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { SETTINGS } from '../../test/infra/synth.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { ImageBuckets } from './image-buckets.ts';
import { ServiceIdentities } from './service-identities.ts';

const orders: Process = {
  name: 'orders',
  runsOn: 'eks',
  port: 4102,
  consumes: [productImagesProcessed],
  publishes: [],
  stores: [],
};
const storefront: Process = { ...orders, name: 'storefront', consumes: [] };
const elsewhere: Process = { ...orders, name: 'elsewhere', runsOn: 'lambda' };

class ServicesStack extends PlatformStack {}

function identitiesOf(processes: readonly Process[]) {
  const stack = new ServicesStack(Testing.app(), 'services', SETTINGS.dev);
  new ServiceIdentities(stack, 'services', {
    processes,
    clusterName: 'shop-dev',
    kafkaArn: 'arn:aws:kafka:eu-central-1:111122223333:cluster/shop-dev/uuid',
    postgres: {
      signInStatement: (user) => ({ sid: 'SignIn', actions: ['rds-db:connect'], resources: [user] }),
    },
    images: new ImageBuckets(stack, 'images'),
    mail: { identityArn: 'arn:identity', configurationSetArn: 'arn:set' },
  });
  const { resource = {}, data = {} } = JSON.parse(Testing.synth(stack)) as {
    resource?: Record<string, Record<string, Record<string, string>>>;
    data?: Record<string, Record<string, { statement: { sid: string; resources: string[] }[] }>>;
  };
  const bodies = (type: string) => Object.values(resource[type] ?? {});
  return {
    associations: bodies('aws_eks_pod_identity_association'),
    policies: bodies('aws_iam_role_policy'),
    signIns: Object.values(data.aws_iam_policy_document ?? {})
      .flatMap(({ statement }) => statement)
      .filter(({ sid }) => sid === 'SignIn')
      .flatMap(({ resources }) => resources),
  };
}

describe('service identities', () => {
  it('belong to the service account of the process’s own name, in the namespace of the services', () => {
    const { associations } = identitiesOf([orders, storefront]);
    expect(associations).toEqual(
      ['orders', 'storefront'].map((name) =>
        expect.objectContaining({ cluster_name: 'shop-dev', namespace: 'shop', service_account: name }),
      ),
    );
  });

  it('are only for what runs on Kubernetes', () => {
    expect(identitiesOf([elsewhere]).associations).toEqual([]);
  });

  it('have rights on Kafka only where the contract has topics', () => {
    const { policies } = identitiesOf([orders, storefront]);
    expect(policies.map(({ role }) => role)).toEqual([expect.stringContaining('services_orders_role')]);
  });

  it('sign in to Postgres as themselves, where the contract has it among their stores', () => {
    expect(identitiesOf([{ ...orders, stores: ['postgres'] }, storefront]).signIns).toEqual([
      'orders_service',
    ]);
  });
});
