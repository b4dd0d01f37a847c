// What keeps data on AWS: buckets, databases, logs, secrets, parameters, images; and their keys.
import { ON_DELETION, oneRequest, type TypeRule } from '../request-rule.ts';

const WRITE_ONLY_VERSION = 'tells the provider when to write the value again';
const LOG_GROUP = { name: 'logGroupName' };
const BLOCK = 'PublicAccessBlockConfiguration';

const S3: Readonly<Record<string, TypeRule>> = {
  aws_s3_bucket: {
    requests: [
      {
        operation: 's3.CreateBucket',
        given: { 'CreateBucketConfiguration.LocationConstraint': '{region}' },
        names: {
          object_lock_enabled: 'ObjectLockEnabledForBucket',
          tags: 'CreateBucketConfiguration.Tags',
        },
      },
    ],
    unsent: { force_destroy: ON_DELETION },
  },
  aws_s3_bucket_acl: oneRequest('s3.PutBucketAcl'),
  aws_s3_bucket_cors_configuration: oneRequest('s3.PutBucketCors', {
    cors_rule: 'CORSConfiguration.CORSRules',
  }),
  aws_s3_bucket_lifecycle_configuration: oneRequest('s3.PutBucketLifecycleConfiguration', {
    rule: 'LifecycleConfiguration.Rules',
    transition_default_minimum_object_size: 'TransitionDefaultMinimumObjectSize',
  }),
  aws_s3_bucket_logging: oneRequest('s3.PutBucketLogging', {
    target_bucket: 'BucketLoggingStatus.LoggingEnabled.TargetBucket',
    target_prefix: 'BucketLoggingStatus.LoggingEnabled.TargetPrefix',
    target_object_key_format: 'BucketLoggingStatus.LoggingEnabled.TargetObjectKeyFormat',
  }),
  aws_s3_bucket_notification: oneRequest(
    's3.PutBucketNotificationConfiguration',
    {
      eventbridge: 'NotificationConfiguration.EventBridgeConfiguration',
      lambda_function: 'NotificationConfiguration.LambdaFunctionConfigurations',
      ...Object.fromEntries(
        ['lambda_function', 'queue', 'topic'].map((target) => [
          `${target}.filters`,
          'Filter.Key.FilterRules',
        ]),
      ),
      queue: 'NotificationConfiguration.QueueConfigurations',
      topic: 'NotificationConfiguration.TopicConfigurations',
    },
    { reform: withFilterRules },
  ),
  aws_s3_bucket_ownership_controls: oneRequest('s3.PutBucketOwnershipControls', {
    rule: 'OwnershipControls.Rules',
  }),
  aws_s3_bucket_policy: oneRequest('s3.PutBucketPolicy'),
  aws_s3_bucket_public_access_block: oneRequest('s3.PutPublicAccessBlock', {
    block_public_acls: `${BLOCK}.BlockPublicAcls`,
    block_public_policy: `${BLOCK}.BlockPublicPolicy`,
    ignore_public_acls: `${BLOCK}.IgnorePublicAcls`,
    restrict_public_buckets: `${BLOCK}.RestrictPublicBuckets`,
  }),
  aws_s3_bucket_server_side_encryption_configuration: oneRequest('s3.PutBucketEncryption', {
    rule: 'ServerSideEncryptionConfiguration.Rules',
    'rule.apply_server_side_encryption_by_default.kms_master_key_id': 'KMSMasterKeyID',
    'rule.apply_server_side_encryption_by_default.sse_algorithm': 'SSEAlgorithm',
  }),
  aws_s3_bucket_versioning: oneRequest('s3.PutBucketVersioning', {
    'versioning_configuration.mfa_delete': 'MFADelete',
  }),
  aws_s3_object: oneRequest(
    's3.PutObject',
    { content: 'Body', source: 'Body', kms_key_id: 'SSEKMSKeyId', etag: 'ContentMD5' },
    { unsent: { force_destroy: ON_DELETION, source_hash: 'tells the provider whether the file changed' } },
  ),
};

/** `filter_prefix` and `filter_suffix` are rules of one list. */
function withFilterRules(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const targets = ['lambda_function', 'queue', 'topic'].filter((name) => body[name] !== undefined);
  const reformed = ({ filter_prefix, filter_suffix, ...target }: Record<string, unknown>) => ({
    ...target,
    filters: [
      { name: 'prefix', value: filter_prefix },
      { name: 'suffix', value: filter_suffix },
    ].filter(({ value }) => value !== undefined),
  });
  return {
    ...body,
    ...Object.fromEntries(
      targets.map((name) => [
        name,
        [body[name]].flat().map((one) => reformed(one as Record<string, unknown>)),
      ]),
    ),
  };
}

const DATABASES: Readonly<Record<string, TypeRule>> = {
  aws_db_instance: oneRequest(
    'rds.CreateDBInstance',
    {
      identifier: 'DBInstanceIdentifier',
      instance_class: 'DBInstanceClass',
      username: 'MasterUsername',
      password: 'MasterUserPassword',
      password_wo: 'MasterUserPassword',
      ca_cert_identifier: 'CACertificateIdentifier',
      backup_window: 'PreferredBackupWindow',
      maintenance_window: 'PreferredMaintenanceWindow',
      parameter_group_name: 'DBParameterGroupName',
      iam_database_authentication_enabled: 'EnableIAMDatabaseAuthentication',
      performance_insights_enabled: 'EnablePerformanceInsights',
      enabled_cloudwatch_logs_exports: 'EnableCloudwatchLogsExports',
    },
    {
      unsent: {
        apply_immediately: 'read when the database changes',
        allow_major_version_upgrade: 'read when the database changes',
        blue_green_update: 'read when the database changes',
        delete_automated_backups: ON_DELETION,
        final_snapshot_identifier: ON_DELETION,
        skip_final_snapshot: ON_DELETION,
        password_wo_version: WRITE_ONLY_VERSION,
      },
    },
  ),
  aws_db_parameter_group: {
    requests: [
      {
        operation: 'rds.CreateDBParameterGroup',
        names: { name: 'DBParameterGroupName', family: 'DBParameterGroupFamily' },
      },
      {
        operation: 'rds.ModifyDBParameterGroup',
        names: {
          name: 'DBParameterGroupName',
          parameter: 'Parameters',
          'parameter.name': 'ParameterName',
          'parameter.value': 'ParameterValue',
        },
        when: ['parameter'],
      },
    ],
    unsent: { skip_destroy: ON_DELETION },
  },
  aws_db_subnet_group: oneRequest('rds.CreateDBSubnetGroup', {
    name: 'DBSubnetGroupName',
    description: 'DBSubnetGroupDescription',
  }),
};

const KEYS_AND_SECRETS: Readonly<Record<string, TypeRule>> = {
  aws_kms_alias: oneRequest('kms.CreateAlias', { name: 'AliasName' }),
  aws_kms_key: {
    requests: [
      {
        operation: 'kms.CreateKey',
        names: {
          customer_master_key_spec: 'KeySpec',
          bypass_policy_lockout_safety_check: 'BypassPolicyLockoutSafetyCheck',
        },
      },
      {
        operation: 'kms.EnableKeyRotation',
        given: { KeyId: '${key}' },
        when: ['rotation_period_in_days'],
      },
      {
        operation: 'kms.ScheduleKeyDeletion',
        given: { KeyId: '${key}' },
        names: { deletion_window_in_days: 'PendingWindowInDays' },
        when: ['deletion_window_in_days'],
      },
    ],
    unsent: { enable_key_rotation: 'a call without arguments' },
  },
  aws_kms_grant: oneRequest('kms.CreateGrant', {}, { unsent: { retire_on_delete: ON_DELETION } }),
  aws_secretsmanager_secret: {
    requests: [
      { operation: 'secretsmanager.CreateSecret', names: { replica: 'AddReplicaRegions' } },
      {
        operation: 'secretsmanager.DeleteSecret',
        given: { SecretId: '${secret}' },
        when: ['recovery_window_in_days'],
      },
    ],
  },
  aws_secretsmanager_secret_policy: oneRequest('secretsmanager.PutResourcePolicy', {
    secret_arn: 'SecretId',
    policy: 'ResourcePolicy',
  }),
  aws_secretsmanager_secret_rotation: oneRequest('secretsmanager.RotateSecret', {
    rotation_lambda_arn: 'RotationLambdaARN',
  }),
  aws_secretsmanager_secret_version: oneRequest(
    'secretsmanager.PutSecretValue',
    { secret_string_wo: 'SecretString' },
    { unsent: { secret_string_wo_version: WRITE_ONLY_VERSION } },
  ),
  aws_ssm_parameter: oneRequest(
    'ssm.PutParameter',
    { value_wo: 'Value', insecure_value: 'Value' },
    { unsent: { value_wo_version: WRITE_ONLY_VERSION } },
  ),
};

const LOGS_AND_ALARMS: Readonly<Record<string, TypeRule>> = {
  aws_cloudwatch_log_group: {
    requests: [
      { operation: 'logs.CreateLogGroup', names: LOG_GROUP },
      { operation: 'logs.PutRetentionPolicy', names: LOG_GROUP, when: ['retention_in_days'] },
    ],
    unsent: { skip_destroy: ON_DELETION },
  },
  aws_cloudwatch_log_delivery: oneRequest('logs.CreateDelivery'),
  aws_cloudwatch_log_delivery_destination: oneRequest('logs.PutDeliveryDestination'),
  aws_cloudwatch_log_delivery_source: oneRequest('logs.PutDeliverySource'),
  aws_cloudwatch_log_metric_filter: oneRequest('logs.PutMetricFilter', {
    name: 'filterName',
    pattern: 'filterPattern',
    metric_transformation: 'metricTransformations',
    'metric_transformation.name': 'metricName',
    'metric_transformation.namespace': 'metricNamespace',
    'metric_transformation.value': 'metricValue',
  }),
  aws_cloudwatch_log_resource_policy: oneRequest('logs.PutResourcePolicy'),
  aws_cloudwatch_metric_alarm: oneRequest('cloudwatch.PutMetricAlarm', {
    insufficient_data_actions: 'InsufficientDataActions',
    metric_query: 'Metrics',
    'metric_query.metric': 'MetricStat',
    'metric_query.metric.metric_name': 'Metric.MetricName',
    'metric_query.metric.namespace': 'Metric.Namespace',
    'metric_query.metric.dimensions': 'Metric.Dimensions',
  }),
  aws_cloudwatch_composite_alarm: oneRequest('cloudwatch.PutCompositeAlarm'),
  aws_cloudwatch_dashboard: oneRequest('cloudwatch.PutDashboard'),
  aws_ecr_repository: oneRequest(
    'ecr.CreateRepository',
    {
      name: 'repositoryName',
      image_tag_mutability_exclusion_filter: 'imageTagMutabilityExclusionFilters',
    },
    { unsent: { force_delete: ON_DELETION } },
  ),
  aws_ecr_lifecycle_policy: oneRequest('ecr.PutLifecyclePolicy', {
    repository: 'repositoryName',
    policy: 'lifecyclePolicyText',
  }),
  aws_ecr_repository_policy: oneRequest('ecr.SetRepositoryPolicy', {
    repository: 'repositoryName',
    policy: 'policyText',
  }),
  aws_ecr_registry_scanning_configuration: oneRequest('ecr.PutRegistryScanningConfiguration', {
    rule: 'rules',
    'rule.repository_filter': 'repositoryFilters',
  }),
};

export const AWS_STORES: Readonly<Record<string, TypeRule>> = {
  ...S3,
  ...DATABASES,
  ...KEYS_AND_SECRETS,
  ...LOGS_AND_ALARMS,
};
