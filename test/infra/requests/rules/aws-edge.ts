// Where strangers and people come in, on AWS: names, certificates, CDN, firewall, mail; identities and the record of what they did.
import { isObject } from '../check-request.ts';
import { ON_DELETION, oneRequest, type TypeRule } from '../request-rule.ts';

const RECORD = 'ChangeBatch.Changes.ResourceRecordSet';
const DISTRIBUTION = 'DistributionConfig';
const BEHAVIOR = (path: string) => ({
  [`${path}.allowed_methods`]: 'AllowedMethods',
  [`${path}.cached_methods`]: 'AllowedMethods.CachedMethods',
  [`${path}.compress`]: 'Compress',
  [`${path}.function_association`]: 'FunctionAssociations',
  [`${path}.lambda_function_association`]: 'LambdaFunctionAssociations',
  [`${path}.min_ttl`]: 'MinTTL',
  [`${path}.default_ttl`]: 'DefaultTTL',
  [`${path}.max_ttl`]: 'MaxTTL',
});

const NAMES_AND_CDN: Readonly<Record<string, TypeRule>> = {
  aws_route53_zone: oneRequest(
    'route53.CreateHostedZone',
    { comment: 'HostedZoneConfig.Comment', vpc: 'VPC', delegation_set_id: 'DelegationSetId' },
    {
      unsent: { force_destroy: ON_DELETION, tags: 'a call of its own, ChangeTagsForResource' },
      given: { CallerReference: '${token}' },
    },
  ),
  aws_route53_record: oneRequest(
    'route53.ChangeResourceRecordSets',
    {
      zone_id: 'HostedZoneId',
      name: `${RECORD}.Name`,
      type: `${RECORD}.Type`,
      ttl: `${RECORD}.TTL`,
      records: `${RECORD}.ResourceRecords`,
      'records.*': 'Value',
      alias: `${RECORD}.AliasTarget`,
      'alias.name': 'DNSName',
      'alias.zone_id': 'HostedZoneId',
      set_identifier: `${RECORD}.SetIdentifier`,
      health_check_id: `${RECORD}.HealthCheckId`,
    },
    {
      given: { 'ChangeBatch.Changes.Action': 'CREATE' },
      unsent: { allow_overwrite: 'asks for UPSERT in place of CREATE' },
    },
  ),
  aws_acm_certificate: oneRequest('acm.RequestCertificate', { validation_option: 'DomainValidationOptions' }),
  aws_acm_certificate_validation: oneRequest(
    'acm.DescribeCertificate',
    {},
    { unsent: { validation_record_fqdns: 'tells the provider what to wait for' } },
  ),
  aws_cloudfront_distribution: oneRequest(
    'cloudfront.CreateDistribution',
    {
      ...Object.fromEntries(
        ['enabled', 'comment', 'aliases', 'http_version', 'price_class', 'restrictions', 'staging'].map(
          (name) => [
            name,
            `${DISTRIBUTION}.${name.replaceAll(/(?:^|_)(\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
          ],
        ),
      ),
      default_root_object: `${DISTRIBUTION}.DefaultRootObject`,
      is_ipv6_enabled: `${DISTRIBUTION}.IsIPV6Enabled`,
      web_acl_id: `${DISTRIBUTION}.WebACLId`,
      logging_config: `${DISTRIBUTION}.Logging`,
      viewer_certificate: `${DISTRIBUTION}.ViewerCertificate`,
      'viewer_certificate.acm_certificate_arn': 'ACMCertificateArn',
      'viewer_certificate.ssl_support_method': 'SSLSupportMethod',
      'restrictions.geo_restriction.locations': 'Items',
      custom_error_response: `${DISTRIBUTION}.CustomErrorResponses`,
      'custom_error_response.error_caching_min_ttl': 'ErrorCachingMinTTL',
      origin: `${DISTRIBUTION}.Origins`,
      'origin.origin_id': 'Id',
      'origin.custom_header': 'CustomHeaders',
      'origin.custom_header.name': 'HeaderName',
      'origin.custom_header.value': 'HeaderValue',
      'origin.custom_origin_config.http_port': 'HTTPPort',
      'origin.custom_origin_config.https_port': 'HTTPSPort',
      default_cache_behavior: `${DISTRIBUTION}.DefaultCacheBehavior`,
      ordered_cache_behavior: `${DISTRIBUTION}.CacheBehaviors`,
      ...BEHAVIOR('default_cache_behavior'),
      ...BEHAVIOR('ordered_cache_behavior'),
    },
    {
      given: { 'DistributionConfig.CallerReference': '${token}' },
      unsent: {
        tags: 'sent beside the configuration (CreateDistributionWithTags)',
        retain_on_delete: ON_DELETION,
        wait_for_deployment: 'tells the provider whether to wait',
      },
      reform: withLocations,
    },
  ),
  aws_cloudfront_origin_access_control: oneRequest('cloudfront.CreateOriginAccessControl', {
    name: 'OriginAccessControlConfig.Name',
    description: 'OriginAccessControlConfig.Description',
    origin_access_control_origin_type: 'OriginAccessControlConfig.OriginAccessControlOriginType',
    signing_behavior: 'OriginAccessControlConfig.SigningBehavior',
    signing_protocol: 'OriginAccessControlConfig.SigningProtocol',
  }),
  aws_cloudfront_response_headers_policy: oneRequest('cloudfront.CreateResponseHeadersPolicy', {
    name: 'ResponseHeadersPolicyConfig.Name',
    comment: 'ResponseHeadersPolicyConfig.Comment',
    cors_config: 'ResponseHeadersPolicyConfig.CorsConfig',
    'cors_config.access_control_allow_headers': 'AccessControlAllowHeaders',
    'cors_config.access_control_allow_headers.items': 'Items',
    custom_headers_config: 'ResponseHeadersPolicyConfig.CustomHeadersConfig',
    remove_headers_config: 'ResponseHeadersPolicyConfig.RemoveHeadersConfig',
    security_headers_config: 'ResponseHeadersPolicyConfig.SecurityHeadersConfig',
    'security_headers_config.xss_protection': 'XSSProtection',
  }),
  aws_cloudfront_function: oneRequest(
    'cloudfront.CreateFunction',
    { code: 'FunctionCode', comment: 'FunctionConfig.Comment', runtime: 'FunctionConfig.Runtime' },
    { unsent: { publish: 'a call of its own' }, reform: (body) => ({ comment: '', ...body }) },
  ),
  aws_wafv2_web_acl: oneRequest('wafv2.CreateWebACL', {
    rule: 'Rules',
    ...Object.fromEntries(
      ['', 'managed_rule_group_statement.', 'rate_based_statement.', 'not_statement.', 'and_statement.'].map(
        (inside) => [`rule.statement.${inside}ip_set_reference_statement`, 'IPSetReferenceStatement'],
      ),
    ),
    'rule.visibility_config.cloudwatch_metrics_enabled': 'CloudWatchMetricsEnabled',
    'visibility_config.cloudwatch_metrics_enabled': 'CloudWatchMetricsEnabled',
  }),
  aws_wafv2_web_acl_association: oneRequest('wafv2.AssociateWebACL'),
  aws_wafv2_web_acl_logging_configuration: oneRequest('wafv2.PutLoggingConfiguration', {
    resource_arn: 'LoggingConfiguration.ResourceArn',
    log_destination_configs: 'LoggingConfiguration.LogDestinationConfigs',
    redacted_fields: 'LoggingConfiguration.RedactedFields',
    logging_filter: 'LoggingConfiguration.LoggingFilter',
    'logging_filter.filter': 'Filters',
    'logging_filter.filter.condition': 'Conditions',
  }),
};

/** A comment and a list of countries are always sent, be they empty. */
function withLocations(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = structuredClone(body) as Record<string, unknown>;
  const geo = [copy.restrictions]
    .flat()
    .flatMap((one) => (isObject(one) ? [one.geo_restriction].flat() : []))[0];
  if (isObject(geo)) geo.locations ??= [];
  return { comment: '', ...copy };
}

const MAIL: Readonly<Record<string, TypeRule>> = {
  aws_sesv2_email_identity: oneRequest('sesv2.CreateEmailIdentity'),
  aws_sesv2_email_identity_mail_from_attributes: oneRequest('sesv2.PutEmailIdentityMailFromAttributes', {
    behavior_on_mx_failure: 'BehaviorOnMxFailure',
  }),
  aws_sesv2_configuration_set: oneRequest('sesv2.CreateConfigurationSet'),
  aws_sesv2_configuration_set_event_destination: oneRequest('sesv2.CreateConfigurationSetEventDestination', {
    'event_destination.cloud_watch_destination.dimension_configuration': 'DimensionConfigurations',
  }),
  aws_sesv2_account_suppression_attributes: oneRequest('sesv2.PutAccountSuppressionAttributes'),
};

const IDENTITIES: Readonly<Record<string, TypeRule>> = {
  aws_iam_openid_connect_provider: oneRequest('iam.CreateOpenIDConnectProvider'),
  aws_iam_role: oneRequest(
    'iam.CreateRole',
    { name: 'RoleName', assume_role_policy: 'AssumeRolePolicyDocument' },
    { unsent: { force_detach_policies: ON_DELETION } },
  ),
  aws_iam_role_policy: oneRequest('iam.PutRolePolicy', {
    name: 'PolicyName',
    policy: 'PolicyDocument',
    role: 'RoleName',
  }),
  aws_iam_role_policy_attachment: oneRequest('iam.AttachRolePolicy', { role: 'RoleName' }),
  aws_iam_policy: oneRequest('iam.CreatePolicy', { name: 'PolicyName', policy: 'PolicyDocument' }),
  aws_iam_service_linked_role: oneRequest('iam.CreateServiceLinkedRole'),
  aws_iam_instance_profile: {
    requests: [
      { operation: 'iam.CreateInstanceProfile', names: { name: 'InstanceProfileName' } },
      {
        operation: 'iam.AddRoleToInstanceProfile',
        names: { name: 'InstanceProfileName', role: 'RoleName' },
        when: ['role'],
      },
    ],
  },
  aws_cloudtrail: {
    requests: [
      {
        operation: 'cloudtrail.CreateTrail',
        names: {
          cloud_watch_logs_group_arn: 'CloudWatchLogsLogGroupArn',
          enable_log_file_validation: 'EnableLogFileValidation',
        },
      },
      {
        operation: 'cloudtrail.PutEventSelectors',
        names: {
          name: 'TrailName',
          'event_selector.data_resource': 'DataResources',
          'advanced_event_selector.field_selector': 'FieldSelectors',
        },
        when: ['event_selector', 'advanced_event_selector'],
      },
    ],
    unsent: { enable_logging: 'a call of its own, StartLogging' },
  },
  aws_budgets_budget: oneRequest(
    'budgets.CreateBudget',
    {
      name: 'Budget.BudgetName',
      budget_type: 'Budget.BudgetType',
      limit_amount: 'Budget.BudgetLimit.Amount',
      limit_unit: 'Budget.BudgetLimit.Unit',
      time_unit: 'Budget.TimeUnit',
      notification: 'NotificationsWithSubscribers',
    },
    { given: { AccountId: '{account_id}' }, reform: withSubscribers },
  ),
};

/** The receiver of a notification is beside it. */
function withSubscribers(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const notifications = [body.notification ?? []].flat() as Record<string, unknown>[];
  return {
    ...body,
    notification: notifications.map(
      ({
        subscriber_email_addresses: mails = [],
        subscriber_sns_topic_arns: topics = [],
        ...notification
      }) => ({
        notification,
        subscribers: [
          ...(mails as string[]).map((address) => ({ subscription_type: 'EMAIL', address })),
          ...(topics as string[]).map((address) => ({ subscription_type: 'SNS', address })),
        ],
      }),
    ),
  };
}

export const AWS_EDGE: Readonly<Record<string, TypeRule>> = { ...NAMES_AND_CDN, ...MAIL, ...IDENTITIES };
