// The image pipeline as it is synthesized: what calls the function, what it may touch, and what becomes of events that it cannot process.
import { describe, expect, it } from '@jest/globals';
import { QUARANTINE_PREFIX, renditionPrefix, UPLOAD_PREFIX } from '#contracts/images.ts';
import type { Block } from '../../test/infra/blocks.ts';
import { listAt, textAt, valueAt } from '../../test/infra/body.ts';
import { Model } from '../../test/infra/model.ts';
import { platformOf, SETTINGS } from '../../test/infra/synth.ts';

const model = new Model(platformOf('prod'), SETTINGS.prod);
const found = (type: string, part: string): Block =>
  model.all(type).find(({ stack, name }) => stack === 'aws' && name.includes(part))!;
const lambda = found('aws_lambda_function', 'image-renditions');
const originals = found('aws_s3_bucket', 'product-images');
const renditions = found('aws_s3_bucket', 'processed-images');
const notification = found('aws_s3_bucket_notification', 'image-renditions');

/** What the role may do on objects: `GetObject product-images/uploads/*`. */
function objectRights(): string[] {
  const [role] = model.targets(lambda, 'role', 'aws_iam_role');
  const policies = model.companions(role!, 'aws_iam_role_policy', 'role');
  const statements = policies.flatMap((policy) => model.statementsAt(policy, 'policy'));
  return statements
    .filter(({ actions }) => actions.some((action) => action.startsWith('s3:')))
    .flatMap(({ actions, resources }) =>
      actions.flatMap((action) => resources.map((arn) => `${action.slice(3)} ${shortName(arn)}`)),
    );
}

const shortName = (arn: string): string =>
  arn
    .replace(`\${aws_s3_bucket.${originals.name}.arn}`, 'originals')
    .replace(`\${aws_s3_bucket.${renditions.name}.arn}`, 'renditions');

describe('the function', () => {
  it('may do with images what its README says, and delete none', () => {
    expect(objectRights()).toEqual([
      'GetObject originals/uploads/*',
      'GetObjectVersion originals/uploads/*',
      'ListBucket originals',
      'PutObject originals/quarantine/*',
      'PutObject renditions/renditions/*/*/*',
    ]);
  });

  it('is called for uploads and for nothing that it writes itself', () => {
    const calls = listAt(notification.body, 'lambda_function');
    expect(calls.map((call) => textAt(call, 'filter_prefix'))).toEqual([UPLOAD_PREFIX]);
    expect(model.targets(notification, 'bucket', 'aws_s3_bucket')).toEqual([originals]);
    const written = [QUARANTINE_PREFIX, renditionPrefix({ productId: 'p', uploadId: 'u' })];
    expect(written.filter((prefix) => prefix.startsWith(UPLOAD_PREFIX))).toEqual([]);
    expect(textAt(lambda.body, 'environment.variables.PROCESSED_IMAGES_BUCKET')).toContain(renditions.name);
  });

  it('is called only once it has its rights, can reach Kafka and S3, and topics exist', () => {
    const needs = listAt(notification.body, 'depends_on').map((address) => String(address).split('.')[0]);
    expect(needs).toEqual([
      'aws_lambda_permission',
      'aws_vpc_security_group_ingress_rule',
      'aws_vpc_security_group_egress_rule',
      'aws_vpc_security_group_egress_rule',
      'aws_lambda_function_event_invoke_config',
      'aws_lambda_invocation',
    ]);
  });

  it('reaches the brokers and S3, and nothing else', () => {
    const [group] = model.targets(lambda, 'vpc_config.security_group_ids', 'aws_security_group');
    const ways = model.companions(group!, 'aws_vpc_security_group_egress_rule', 'security_group_id');
    expect(ways.map(({ body }) => [body.from_port, body.to_port, 'cidr_ipv4' in body])).toEqual([
      [443, 443, false],
      [9_098, 9_098, false],
    ]);
  });

  it('has the memory and the time that its README asks for', () => {
    expect([lambda.body.memory_size, lambda.body.timeout]).toEqual([3_008, 120]);
  });

  it('leaves an event that it cannot process to the queue, whose key it may use, and an alarm fires', () => {
    const queue = found('aws_sqs_queue', 'image-renditions');
    const [role] = model.targets(lambda, 'role', 'aws_iam_role');
    const [policy] = model.companions(role!, 'aws_iam_role_policy', 'role');
    const [key] = model.targets(queue, 'kms_master_key_id', 'aws_kms_key');
    const rights = model.statementsAt(policy!, 'policy');
    const mayOn = ({ type, name }: Block) =>
      rights
        .filter(({ resources }) => resources.includes(`\${${type}.${name}.arn}`))
        .flatMap(({ actions }) => actions);
    expect(mayOn(queue)).toEqual(['sqs:SendMessage']);
    expect(mayOn(key!)).toEqual(expect.arrayContaining(['kms:GenerateDataKey', 'kms:Decrypt']));
    const invoke = found('aws_lambda_function_event_invoke_config', 'image-renditions');
    expect(model.targets(invoke, 'destination_config.on_failure.destination', 'aws_sqs_queue')).toEqual([
      queue,
    ]);
    const alarms = model.all('aws_cloudwatch_metric_alarm').map(({ body }) => textAt(body, 'metric_name'));
    expect(alarms).toEqual(expect.arrayContaining(['ApproximateNumberOfMessagesVisible', 'Errors']));
  });
});

describe('the buckets', () => {
  it('keep originals for ever, and refused copies for a while', () => {
    const rules = listAt(found('aws_s3_bucket_lifecycle_configuration', 'product-images').body, 'rule');
    const expiring = rules.filter((rule) => valueAt(rule, 'expiration.days') !== undefined);
    expect(expiring.map((rule) => textAt(rule, 'filter.prefix'))).toEqual([QUARANTINE_PREFIX]);
    const cold = rules.find((rule) => valueAt(rule, 'transition') !== undefined);
    expect(textAt(cold, 'filter.prefix')).toBe(UPLOAD_PREFIX);
    expect(valueAt(cold, 'transition.days')).toBe(SETTINGS.prod.aws.images.coldAfterDays);
  });

  it('are emptied when destroyed only in an environment that is not protected', () => {
    const emptied = (environment: 'dev' | 'prod') =>
      Object.values(platformOf(environment).aws.resource!.aws_s3_bucket!).map((body) => body.force_destroy);
    expect([emptied('dev'), emptied('prod')].map((all) => new Set(all))).toEqual([
      new Set([true]),
      new Set([false]),
    ]);
  });
});
