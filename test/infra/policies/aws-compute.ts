// Machines and functions on AWS: no credentials by a forged request, no call that is lost, no function without bounds.
import { putAt, valueAt } from '../body.ts';
import { attributeRule, companionRule, first, isOwnKey, type Rule } from './rule.ts';

const TEMPLATE = 'aws_launch_template';
const FUNCTION = 'aws_lambda_function';

export const awsCompute: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_79',
    title: 'gives instance credentials only by IMDSv2',
    type: TEMPLATE,
    path: 'metadata_options.http_tokens',
    wanted: 'required',
    bad: 'optional',
  }),
  attributeRule({
    id: 'CKV_AWS_341',
    title: 'keeps instance credentials from containers: one hop',
    type: TEMPLATE,
    path: 'metadata_options.http_put_response_hop_limit',
    wanted: 1,
    bad: 2,
  }),
  {
    id: 'SHOP_EBS_1',
    title: 'encrypts its volumes by a key of ours',
    types: [TEMPLATE],
    check: (block, model) =>
      valueAt(block.body, 'block_device_mappings.ebs.encrypted') &&
      isOwnKey('block_device_mappings.ebs.kms_key_id')(undefined, block, model)
        ? undefined
        : 'its volumes are not encrypted by a key of ours',
    breaks: (model) => putAt(first(model, TEMPLATE).body, 'block_device_mappings.ebs.kms_key_id', null),
  },
  {
    id: 'SHOP_EKS_2',
    title: 'makes its nodes by a launch template that the rules above judge',
    types: ['aws_eks_node_group'],
    check: (block, model) =>
      ['launch_template.id', 'launch_template.name'].some(
        (path) => model.targets(block, path, TEMPLATE).length === 1,
      )
        ? undefined
        : 'it has no launch template of ours',
    breaks: (model) => {
      delete first(model, 'aws_eks_node_group').body.launch_template;
    },
  },
  companionRule({
    // Checkov's rule knows the older way alone. With both, Lambda keeps the same event twice.
    id: 'CKV_AWS_116',
    title: 'keeps calls that failed in one queue, with the reason',
    type: FUNCTION,
    companion: 'aws_lambda_function_event_invoke_config',
    by: 'function_name',
    check: (config, model) =>
      model.targets(config, 'destination_config.on_failure.destination', 'aws_sqs_queue').length === 1
        ? undefined
        : 'they go to no queue of ours',
  }),
  {
    id: 'SHOP_LAMBDA_1',
    title: 'has no second way for calls that failed',
    types: [FUNCTION],
    check: ({ body }) => (valueAt(body, 'dead_letter_config') ? 'it has a dead-letter queue' : undefined),
    breaks: (model) => putAt(first(model, FUNCTION).body, 'dead_letter_config.target_arn', 'arn:queue'),
  },
  attributeRule({
    id: 'CKV_AWS_115',
    title: 'has a concurrency of its own, where the account has enough for that',
    type: FUNCTION,
    path: 'reserved_concurrent_executions',
    wanted: (value, _block, { settings }) =>
      settings.aws.lambda.reservesConcurrency ? Number(value) > 0 : value === undefined,
    bad: -1,
  }),
  {
    id: 'CKV_AWS_117',
    title: 'runs in the VPC',
    types: [FUNCTION],
    check: (block, model) =>
      model.targets(block, 'vpc_config.subnet_ids', 'aws_subnet').length > 0 &&
      model.targets(block, 'vpc_config.security_group_ids', 'aws_security_group').length > 0
        ? undefined
        : 'it has no subnets and security group of ours',
    breaks: ['subnet_ids', 'security_group_ids'].map(
      (path) => (model) => putAt(first(model, FUNCTION).body, `vpc_config.${path}`, []),
    ),
  },
  attributeRule({
    id: 'CKV_AWS_50',
    title: 'is traced',
    type: FUNCTION,
    path: 'tracing_config.mode',
    wanted: 'Active',
    bad: 'PassThrough',
  }),
  attributeRule({
    id: 'CKV_AWS_173',
    title: 'has its settings encrypted by a key of ours',
    type: FUNCTION,
    path: 'kms_key_arn',
    wanted: isOwnKey('kms_key_arn'),
    bad: null,
  }),
  {
    id: 'CKV_AWS_364',
    title: 'is called by a service for one source of our account only',
    types: ['aws_lambda_permission'],
    judges: ({ body }) => String(body.principal).endsWith('.amazonaws.com'),
    check: ({ body }, { settings }) => {
      if (!body.source_arn) return 'any resource of the service may call';
      // A bucket's ARN names no account: the next owner of the name could call.
      return body.source_account === settings.aws.accountId ? undefined : 'any account may call';
    },
    breaks: ['source_arn', 'source_account'].map(
      (path) => (model) => putAt(first(model, 'aws_lambda_permission').body, path, null),
    ),
  },
];
