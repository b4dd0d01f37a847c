import { describe, expect, it } from '@jest/globals';
import { Testing } from 'cdktf';
import { SETTINGS } from '../../test/infra/synth.ts';
import { CustomerKey, type CustomerKeyProps } from './customer-key.ts';
import { PlatformStack } from './platform-stack.ts';

class KeyStack extends PlatformStack {}
interface Statement {
  readonly sid: string;
  readonly actions: string[];
  readonly principals: { readonly identifiers: string[] }[];
  readonly condition?: { readonly variable: string; readonly values: string[] }[];
}

const makeKey = (props: Partial<CustomerKeyProps> = {}) => {
  const stack = new KeyStack(Testing.app(), 'keys', SETTINGS.dev);
  const key = new CustomerKey(stack, 'key', { purpose: 'two-words', ...props });
  const { data } = JSON.parse(Testing.synth(stack)) as {
    data: { aws_iam_policy_document: Record<string, { statement: Statement[] }> };
  };
  const [document] = Object.values(data.aws_iam_policy_document);
  return { key, statements: document!.statement };
};

describe('a key’s policy', () => {
  it('names the account alone where no service needs the key', () => {
    const { statements } = makeKey();
    expect(statements.map(({ principals }) => principals)).toEqual([
      [expect.objectContaining({ identifiers: ['arn:aws:iam::111122223333:root'] })],
    ]);
  });

  it('lets the account repair the policy itself', () => {
    const [owned] = makeKey().statements;
    expect(owned!.actions).toEqual(expect.arrayContaining(['kms:PutKeyPolicy', 'kms:CancelKeyDeletion']));
  });

  it('lets a service work for our account only', () => {
    const [, service] = makeKey({ services: ['sqs.amazonaws.com'] }).statements;
    expect(service!.condition).toEqual([
      { test: 'StringEquals', variable: 'aws:SourceAccount', values: ['111122223333'] },
    ]);
  });

  it('lets CloudWatch Logs encrypt log groups of our account only', () => {
    const [, logs] = makeKey({ services: ['logs.eu-central-1.amazonaws.com'] }).statements;
    expect(logs!.condition).toEqual([
      {
        test: 'ArnLike',
        variable: 'kms:EncryptionContext:aws:logs:arn',
        values: ['arn:aws:logs:eu-central-1:111122223333:log-group:*'],
      },
    ]);
  });

  it('lets only the account administer it', () => {
    const { statements } = makeKey({
      services: ['sqs.amazonaws.com'],
      serviceLinkedRoles: ['arn:aws:iam::1:role/x'],
    });
    const administering = statements.filter(({ actions }) => actions.includes('kms:ScheduleKeyDeletion'));
    expect(administering.map(({ sid }) => sid)).toEqual(['AccountDecidesByIam']);
  });
});

describe('what a role is given', () => {
  it('to read is no right to encrypt', () => {
    const { actions } = makeKey().key.useStatement('read');
    expect(actions).toEqual(['kms:Decrypt', 'kms:DescribeKey']);
  });

  it('to write is a right to read too, and the sid is one that IAM takes', () => {
    const { actions, sid } = makeKey().key.useStatement('write');
    expect(actions).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']));
    expect(sid).toMatch(/^[A-Za-z0-9]+$/);
  });
});
