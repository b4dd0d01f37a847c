import { AcmCertificate } from '@cdktf/provider-aws/lib/acm-certificate/index.js';
import { AcmCertificateValidation } from '@cdktf/provider-aws/lib/acm-certificate-validation/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { describe, expect, it } from '@jest/globals';
import { App, TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import { platformOf } from '../../test/infra/synth.ts';
import { readEnvironment } from '../environments/environments.ts';
import { PlatformStack } from './platform-stack.ts';

const settings = readEnvironment('dev');
class SmallStack extends PlatformStack {
  constructor(app: App, id: string) {
    super(app, id, settings);
    this.keepStateInBucket();
  }
}

/** What a stack hands to another that reads these, by name. */
function handedOn(build: (source: SmallStack) => readonly string[]): string[] {
  const app = new App();
  const [source, reader] = [new SmallStack(app, 'source'), new SmallStack(app, 'reader')];
  for (const [at, value] of build(source).entries()) new TerraformOutput(reader, `read-${at}`, { value });
  for (const stack of [source, reader]) stack.prepareStack();
  return Object.keys((source.toTerraform() as { output?: object }).output ?? {});
}
const queue = (scope: Construct, id: string, name: string) => new SqsQueue(scope, id, { name }).arn;

describe('the name of what a stack hands on', () => {
  it('is made of type, name in the cloud and attribute', () => {
    expect(handedOn((stack) => [queue(stack, 'a', 'shop-dev-mails')])).toEqual(['aws_sqs_queue_mails_arn']);
  });

  it('stays when the construct moves', () => {
    const [before, after] = [
      handedOn((stack) => [queue(stack, 'mails', 'shop-dev-mails')]),
      handedOn((stack) => [queue(new Construct(new Construct(stack, 'post'), 'out'), 'q', 'shop-dev-mails')]),
    ];
    expect(after).toEqual(before);
  });

  it('is made of the tag where there is no name, and of the type where that is the environment’s', () => {
    const vpc = (stack: SmallStack, Name: string) => new Vpc(stack, Name, { tags: { Name } }).id;
    expect(handedOn((stack) => [vpc(stack, 'shop-dev-inner'), vpc(stack, 'shop-dev')]).toSorted()).toEqual([
      'aws_vpc_id',
      'aws_vpc_inner_id',
    ]);
  });

  it('is made of the resource that it names, or of a description, where it has no name', () => {
    const validation = (stack: SmallStack, domainName: string) => {
      const { arn } = new AcmCertificate(stack, domainName, { domainName, validationMethod: 'DNS' });
      return new AcmCertificateValidation(stack, `${domainName}-valid`, { certificateArn: arn })
        .certificateArn;
    };
    const key = (stack: SmallStack) =>
      new KmsKey(stack, 'key', { description: 'Encrypts mails of shop-dev' }).arn;
    const names = handedOn((stack) => [
      validation(stack, 'a.example'),
      validation(stack, 'b.example'),
      key(stack),
    ]);
    expect(names.toSorted()).toEqual([
      'aws_acm_certificate_validation_a-example_certificate_arn',
      'aws_acm_certificate_validation_b-example_certificate_arn',
      'aws_kms_key_Encrypts-mails-of_arn',
    ]);
  });

  it('is refused when two would have it', () => {
    const twins = (stack: SmallStack) => ['a', 'b'].map((id) => new Vpc(stack, id, {}).id);
    expect(() => handedOn(twins)).toThrow(
      /aws_vpc\.a\.id and aws_vpc\.b\.id would both be handed on as aws_vpc_id/,
    );
  });

  it('holds no place of a construct, anywhere in the platform', () => {
    for (const { output = {} } of Object.values(platformOf('prod')))
      expect(Object.keys(output).filter((name) => /[0-9A-F]{8}/.test(name))).toEqual([]);
  });
});
