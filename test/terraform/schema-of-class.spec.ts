import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster/index.js';
import { MskCluster } from '@cdktf/provider-aws/lib/msk-cluster/index.js';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { DataprocCluster } from '@cdktf/provider-google/lib/dataproc-cluster/index.js';
import { SqlDatabaseInstance } from '@cdktf/provider-google/lib/sql-database-instance/index.js';
import { Release } from '@cdktf/provider-helm/lib/release/index.js';
import { describe, expect, it } from '@jest/globals';
import { type TerraformElement, TerraformStack } from 'cdktf';
import { RootConstruct } from 'constructs';
import type { Block } from './schema.ts';
import { schemaOf } from './schema-of-class.ts';

/** Required arguments are of no interest to a class that is only asked for its schema. */
type AnyClass = new (scope: TerraformStack, id: string, config: never) => TerraformElement;

const instanceOf = (type: AnyClass) =>
  new type(new TerraformStack(new RootConstruct(), 'stack'), 'id', {} as never);
const schema = (type: AnyClass): Block => schemaOf(instanceOf(type));
const attribute = (type: AnyClass, name: string) => schema(type).attributes.find((one) => one.name === name);
const block = (type: AnyClass, name: string) =>
  schema(type).block_types.find(({ type_name }) => type_name === name);

describe('the schema of a class', () => {
  it.each([
    ['a required argument', EksCluster, 'name', { type: 'string', required: true }],
    ['an optional argument', EksCluster, 'version', { type: 'string', optional: true, computed: true }],
    ['what the cloud sets', EksCluster, 'endpoint', { type: 'string', computed: true }],
    ['a set', EksCluster, 'enabled_cluster_log_types', { type: ['set', 'string'] }],
    ['a list', DataAwsIamPolicyDocument, 'source_policy_documents', { type: ['list', 'string'] }],
    ['a map', EksCluster, 'tags', { type: ['map', 'string'] }],
    [
      'what the cloud sets, below it',
      EksCluster,
      'certificate_authority',
      { type: ['list', ['object', { data: 'string' }]], computed: true },
    ],
    [
      'an argument that is never kept',
      DbInstance,
      'password_wo',
      { optional: true, computed: false, write_only: true },
    ],
  ])('has %s', (_rule, type, name, expected) => {
    expect(attribute(type, name)).toEqual(expect.objectContaining({ name, ...expected }));
  });

  it.each([
    [
      'one block that must be there',
      EksCluster,
      'vpc_config',
      { nesting: 'LIST', min_items: 1, max_items: 1 },
    ],
    [
      'one block that may be there',
      EksCluster,
      'access_config',
      { nesting: 'LIST', min_items: 0, max_items: 1 },
    ],
    ['any number of blocks', DataAwsIamPolicyDocument, 'statement', { nesting: 'LIST', max_items: 0 }],
    ['a block without a number', EksCluster, 'timeouts', { nesting: 'SINGLE', max_items: 0 }],
  ])('has %s', (_rule, type, name, expected) => {
    expect(block(type, name)).toEqual(expect.objectContaining(expected));
  });

  it('reaches into blocks of blocks', () => {
    const statement = block(DataAwsIamPolicyDocument, 'statement')?.block;
    const condition = statement?.block_types.find(({ type_name }) => type_name === 'condition');
    expect(condition?.nesting).toBe('SET');
    expect(condition?.block.attributes).toContainEqual({
      name: 'values',
      type: ['list', 'string'],
      required: true,
    });
  });

  const wide: readonly AnyClass[] = [
    DataAwsIamPolicyDocument,
    DbInstance,
    EksCluster,
    MskCluster,
    S3BucketLifecycleConfiguration,
    DataprocCluster,
    SqlDatabaseInstance,
    Release,
  ];
  it.each(wide.map((type) => [type.name, type] as const))(
    'lacks no argument that %s writes',
    (_name, type) => {
      const { attributes, block_types } = schema(type);
      const names = [...attributes.map(({ name }) => name), ...block_types.map(({ type_name }) => type_name)];
      const written = Object.keys(
        (instanceOf(type) as unknown as { synthesizeAttributes(): object }).synthesizeAttributes(),
      );
      expect(names).toEqual(expect.arrayContaining(written));
    },
  );
});
