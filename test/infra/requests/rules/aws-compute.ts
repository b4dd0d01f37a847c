// What runs on AWS: Kubernetes, functions, Kafka, and the events that start them.
import { ON_DELETION, oneRequest, type TypeRule } from '../request-rule.ts';

type Body = Readonly<Record<string, unknown>>;

/** A name that begins like this gets 26 characters from the provider. */
const NAME_SUFFIX = '0'.repeat(26);

const clientAuthentication = 'client_authentication';
const FUNCTION = { name: 'FunctionName', function_name: 'FunctionName' };

export const AWS_COMPUTE: Readonly<Record<string, TypeRule>> = {
  aws_eks_cluster: oneRequest(
    'eks.CreateCluster',
    { vpc_config: 'resourcesVpcConfig', enabled_cluster_log_types: 'logging.clusterLogging.types' },
    { unsent: { force_update_version: 'read when the version changes' } },
  ),
  aws_eks_node_group: oneRequest(
    'eks.CreateNodegroup',
    {
      node_group_name: 'nodegroupName',
      node_role_arn: 'nodeRole',
      subnet_ids: 'subnets',
      taint: 'taints',
      labels: 'labels',
    },
    {
      reform: ({ node_group_name_prefix: prefix, ...body }: Body) =>
        typeof prefix === 'string' ? { ...body, node_group_name: `${prefix}${NAME_SUFFIX}` } : body,
    },
  ),
  aws_eks_addon: oneRequest(
    'eks.CreateAddon',
    { resolve_conflicts_on_create: 'resolveConflicts', pod_identity_association: 'podIdentityAssociations' },
    { unsent: { resolve_conflicts_on_update: 'read when the add-on changes', preserve: ON_DELETION } },
  ),
  aws_eks_access_entry: oneRequest('eks.CreateAccessEntry', { user_name: 'username' }),
  aws_eks_access_policy_association: oneRequest('eks.AssociateAccessPolicy'),
  aws_eks_pod_identity_association: oneRequest('eks.CreatePodIdentityAssociation'),
  aws_lambda_function: {
    requests: [
      {
        operation: 'lambda.CreateFunction',
        names: { ...FUNCTION, s3_bucket: 'Code.S3Bucket', s3_key: 'Code.S3Key', image_uri: 'Code.ImageUri' },
        given: { Code: {} },
      },
      {
        operation: 'lambda.PutFunctionConcurrency',
        names: FUNCTION,
        when: ['reserved_concurrent_executions'],
      },
    ],
    unsent: {
      filename: 'read by the provider, and sent as bytes',
      source_code_hash: 'tells the provider whether the file changed',
      skip_destroy: ON_DELETION,
    },
  },
  aws_lambda_function_event_invoke_config: oneRequest('lambda.PutFunctionEventInvokeConfig', {
    maximum_retry_attempts: 'MaximumRetryAttempts',
  }),
  aws_lambda_invocation: oneRequest(
    'lambda.Invoke',
    { input: 'Payload' },
    {
      unsent: {
        triggers: 'tells the provider when to call again',
        lifecycle_scope: 'tells the provider when to call',
      },
    },
  ),
  aws_lambda_permission: oneRequest('lambda.AddPermission'),
  aws_lambda_event_source_mapping: oneRequest('lambda.CreateEventSourceMapping', {
    'filter_criteria.filter': 'Filters',
    'source_access_configuration.uri': 'URI',
  }),
  aws_msk_cluster: oneRequest(
    'kafka.CreateCluster',
    {
      [`${clientAuthentication}.sasl.iam`]: 'Iam.Enabled',
      [`${clientAuthentication}.sasl.scram`]: 'Scram.Enabled',
      [`${clientAuthentication}.unauthenticated`]: 'Unauthenticated.Enabled',
      'encryption_info.encryption_at_rest_kms_key_arn': 'EncryptionAtRest.DataVolumeKMSKeyId',
      'logging_info.broker_logs.cloudwatch_logs': 'CloudWatchLogs',
      'broker_node_group_info.az_distribution': 'BrokerAZDistribution',
    },
    {},
  ),
  aws_msk_configuration: oneRequest('kafka.CreateConfiguration'),
  aws_appautoscaling_target: oneRequest('application-autoscaling.RegisterScalableTarget'),
  aws_appautoscaling_policy: oneRequest('application-autoscaling.PutScalingPolicy', { name: 'PolicyName' }),
  aws_cloudwatch_event_rule: oneRequest('events.PutRule', {}, { unsent: { force_destroy: ON_DELETION } }),
  aws_cloudwatch_event_target: oneRequest(
    'events.PutTargets',
    {
      rule: 'Rule',
      event_bus_name: 'EventBusName',
      target_id: 'Targets.Id',
      arn: 'Targets.Arn',
      role_arn: 'Targets.RoleArn',
      input: 'Targets.Input',
      input_path: 'Targets.InputPath',
      input_transformer: 'Targets.InputTransformer',
      'input_transformer.input_paths': 'InputPathsMap',
      dead_letter_config: 'Targets.DeadLetterConfig',
      retry_policy: 'Targets.RetryPolicy',
      sqs_target: 'Targets.SqsParameters',
    },
    {
      unsent: { force_destroy: ON_DELETION },
      reform: (body: Body) => ({ target_id: `terraform-${NAME_SUFFIX}`, ...body }),
    },
  ),
  aws_scheduler_schedule: oneRequest('scheduler.CreateSchedule'),
  aws_sqs_queue: oneRequest(
    'sqs.CreateQueue',
    {
      name: 'QueueName',
      delay_seconds: 'Attributes.DelaySeconds',
      fifo_queue: 'Attributes.FifoQueue',
      kms_data_key_reuse_period_seconds: 'Attributes.KmsDataKeyReusePeriodSeconds',
      kms_master_key_id: 'Attributes.KmsMasterKeyId',
      max_message_size: 'Attributes.MaximumMessageSize',
      message_retention_seconds: 'Attributes.MessageRetentionPeriod',
      policy: 'Attributes.Policy',
      receive_wait_time_seconds: 'Attributes.ReceiveMessageWaitTimeSeconds',
      redrive_allow_policy: 'Attributes.RedriveAllowPolicy',
      redrive_policy: 'Attributes.RedrivePolicy',
      sqs_managed_sse_enabled: 'Attributes.SqsManagedSseEnabled',
      visibility_timeout_seconds: 'Attributes.VisibilityTimeout',
    },
    {},
  ),
  aws_sqs_queue_policy: oneRequest('sqs.SetQueueAttributes', { policy: 'Attributes.Policy' }),
  aws_sqs_queue_redrive_allow_policy: oneRequest('sqs.SetQueueAttributes', {
    redrive_allow_policy: 'Attributes.RedriveAllowPolicy',
  }),
  aws_sns_topic: oneRequest('sns.CreateTopic', {
    display_name: 'Attributes.DisplayName',
    fifo_topic: 'Attributes.FifoTopic',
    kms_master_key_id: 'Attributes.KmsMasterKeyId',
    policy: 'Attributes.Policy',
    signature_version: 'Attributes.SignatureVersion',
    tracing_config: 'Attributes.TracingConfig',
  }),
  aws_sns_topic_policy: oneRequest(
    'sns.SetTopicAttributes',
    { arn: 'TopicArn', policy: 'AttributeValue' },
    { given: { AttributeName: 'Policy' } },
  ),
  aws_sns_topic_subscription: oneRequest(
    'sns.Subscribe',
    {
      filter_policy: 'Attributes.FilterPolicy',
      raw_message_delivery: 'Attributes.RawMessageDelivery',
      redrive_policy: 'Attributes.RedrivePolicy',
    },
    { unsent: { endpoint_auto_confirms: 'tells the provider whether to wait' } },
  ),
};
