// The policies trust this model: what it does not see, no policy sees.
import { describe, expect, it } from '@jest/globals';
import type { Settings } from '../../stacks/settings.ts';
import { listAt, putAt, removeAt, textAt, valueAt } from './body.ts';
import { Model } from './model.ts';
import type { PlatformJson } from './synth.ts';

const state = (key: string) => ({ backend: { s3: { bucket: 'states', key } } });
const json = {
  aws: {
    terraform: state('aws.tfstate'),
    resource: {
      aws_s3_bucket: { raw: { bucket: 'raw' }, other: { bucket: 'other' } },
      aws_s3_bucket_versioning: { 'raw-versions': { bucket: '${aws_s3_bucket.raw.id}' } },
      aws_s3_bucket_policy: { raw: { policy: '${data.aws_iam_policy_document.whole.json}' } },
      aws_instance: { one: { depends_on: ['aws_s3_bucket.raw'], user_data: 'aws_s3_bucket.other' } },
    },
    data: {
      aws_iam_policy_document: {
        whole: {
          source_policy_documents: ['${data.aws_iam_policy_document.part.json}'],
          statement: [{ sid: 'Whole', actions: ['s3:GetObject'], resources: ['${aws_s3_bucket.raw.arn}/*'] }],
        },
        part: { statement: { sid: 'Part', effect: 'Deny', actions: ['s3:*'], resources: ['*'] } },
      },
    },
    output: {
      handed: { value: '${aws_s3_bucket.raw.arn}' },
      secret: { value: '${random_password.x[0].result}' },
    },
  },
  link: {
    terraform: state('link.tfstate'),
    resource: {
      aws_iam_policy: {
        reads: {
          policy: '${join("/", [data.terraform_remote_state.of-aws.outputs.handed, "*"])}',
          path: '${data.terraform_remote_state.of-aws.outputs.gone}',
          name: '${aws_iam_role.gone.name}',
        },
      },
    },
    data: { terraform_remote_state: { 'of-aws': { config: { key: 'aws.tfstate' } } } },
  },
};
const model = new Model(json as unknown as PlatformJson, {} as Settings);
const block = (address: string) => model.at(address)!;

describe('the model of the platform', () => {
  it('finds what names a resource, and what a resource names', () => {
    const raw = block('aws/aws_s3_bucket.raw');
    expect(model.companions(raw, 'aws_s3_bucket_versioning', 'bucket').map(({ name }) => name)).toEqual([
      'raw-versions',
    ]);
    expect(model.companions(block('aws/aws_s3_bucket.other'), 'aws_s3_bucket_versioning', 'bucket')).toEqual(
      [],
    );
    expect(
      model.targets(block('aws/aws_s3_bucket_versioning.raw-versions'), 'bucket', 'aws_s3_bucket'),
    ).toEqual([raw]);
  });

  it('follows a reference through the other stack’s output, inside functions too', () => {
    expect(model.referencesOf(block('link/aws_iam_policy.reads'))).toContainEqual({
      address: 'aws/aws_s3_bucket.raw',
      attribute: 'arn',
    });
  });

  it('names the attribute that is asked for, behind an index too', () => {
    expect(model.referencesOf(block('aws/output.secret'))).toEqual([
      { address: 'aws/random_password.x', attribute: 'result' },
    ]);
  });

  it('takes a name for a reference only where Terraform does', () => {
    expect(model.referencesOf(block('aws/aws_instance.one'))).toEqual([
      { address: 'aws/aws_s3_bucket.raw', attribute: '' },
    ]);
  });

  it('reads a policy’s statements, with those of the documents that it takes in', () => {
    const statements = model.statementsAt(block('aws/aws_s3_bucket_policy.raw'), 'policy');
    expect(statements.map(({ sid, isAllow }) => [sid, isAllow])).toEqual([
      ['Whole', true],
      ['Part', false],
    ]);
  });

  it('names every expression that leads nowhere', () => {
    expect(model.danglingOf(block('link/aws_iam_policy.reads'))).toEqual([
      'data.terraform_remote_state.of-aws.outputs.gone',
      'link/aws_iam_role.gone',
    ]);
  });

  it('puts a resource in and takes it out', () => {
    const copy = new Model(structuredClone(json) as unknown as PlatformJson, {} as Settings);
    copy.add('aws', 'aws_vpc', 'vpc', {});
    copy.remove(copy.at('aws/data.aws_iam_policy_document.part')!);
    const after = new Model(copy.json, copy.settings);
    expect(after.all('aws_vpc', 'data.aws_iam_policy_document').map(({ address }) => address)).toEqual([
      'aws/aws_vpc.vpc',
      'aws/data.aws_iam_policy_document.whole',
    ]);
  });
});

describe('paths into a body', () => {
  const body = { rule: [{ a: { b: 1 } }, { a: [{ b: 2 }, { b: null }] }], list: ['x', 'y'], no: false };

  it('go through lists and blocks alike', () => {
    expect(listAt(body, 'rule.a.b')).toEqual([1, 2]);
    expect(listAt(body, 'list')).toEqual(['x', 'y']);
    expect([valueAt(body, 'no'), textAt(body, 'no'), textAt(body, 'rule')]).toEqual([false, 'false', '']);
    expect(listAt(undefined, 'rule.a')).toEqual([]);
  });

  it('write into the first, and make what is missing on the way', () => {
    const copy: Record<string, unknown> = structuredClone(body);
    putAt(copy, 'rule.a.b', 9);
    putAt(copy, 'new.block', true);
    expect([listAt(copy, 'rule.a.b'), valueAt(copy, 'new.block')]).toEqual([[9, 2], true]);
    removeAt(copy, 'rule.a');
    expect(listAt(copy, 'rule')).toEqual([{}, {}]);
    expect(() => putAt(copy, 'list.x', 1)).toThrow(/no block at list/);
  });
});
