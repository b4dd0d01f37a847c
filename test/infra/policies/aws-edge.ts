// Where the platform meets the internet: what is served is encrypted and guarded, and failures raise alarms.
import { listAt, putAt, removeAt, textAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import { attributeRule, companionRule, first, isOwn, isOwnKey, isSubset, type Rule } from './rule.ts';

const DISTRIBUTION = 'aws_cloudfront_distribution';
const BEHAVIOR = 'default_cache_behavior';
const FIREWALL = 'aws_wafv2_web_acl';
const GUARD_RULES = ['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet'];
const managedGroups = (body: unknown): unknown[] =>
  listAt(body, 'rule')
    // `count` as the override of a whole group lets everything through.
    .filter((rule) => valueAt(rule, 'override_action.none') !== undefined)
    .flatMap((rule) => listAt(rule, 'statement.managed_rule_group_statement.name'));

const pictures: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_34',
    title: 'serves nothing without TLS',
    type: DISTRIBUTION,
    path: `${BEHAVIOR}.viewer_protocol_policy`,
    wanted: ['https-only', 'redirect-to-https'],
    bad: 'allow-all',
  }),
  attributeRule({
    id: 'CKV_AWS_174',
    title: 'speaks no TLS older than 1.2',
    type: DISTRIBUTION,
    path: 'viewer_certificate.minimum_protocol_version',
    wanted: ['TLSv1.2_2021', 'TLSv1.2_2025', 'TLSv1.3_2025'],
    bad: 'TLSv1.1_2016',
  }),
  attributeRule({
    id: 'CKV2_AWS_42',
    title: 'has a certificate of its own, proven and not only asked for',
    type: DISTRIBUTION,
    path: 'viewer_certificate.acm_certificate_arn',
    wanted: isOwn('viewer_certificate.acm_certificate_arn', 'aws_acm_certificate_validation'),
    bad: 'arn:aws:acm:us-east-1:111122223333:certificate/other',
  }),
  attributeRule({
    id: 'CKV2_AWS_32',
    title: 'tells browsers what a picture may not do',
    type: DISTRIBUTION,
    path: `${BEHAVIOR}.response_headers_policy_id`,
    wanted: isOwn(`${BEHAVIOR}.response_headers_policy_id`, 'aws_cloudfront_response_headers_policy'),
    bad: null,
  }),
  attributeRule({
    id: 'CKV2_AWS_46',
    title: 'signs what it asks of a bucket',
    type: DISTRIBUTION,
    path: 'origin.origin_access_control_id',
    wanted: isOwn('origin.origin_access_control_id', 'aws_cloudfront_origin_access_control'),
    bad: null,
  }),
  companionRule({
    // Checkov's own rule, CKV_AWS_86, knows only the older logs, for which a bucket must allow ACLs.
    id: 'SHOP_CDN_1',
    title: 'logs who asked for what',
    type: DISTRIBUTION,
    companion: 'aws_cloudwatch_log_delivery_source',
    by: 'resource_arn',
    check: (source, model) =>
      model.companions(source, 'aws_cloudwatch_log_delivery', 'delivery_source_name').length === 1
        ? undefined
        : 'its log is delivered nowhere',
    breaks: (source, model) =>
      model.remove(model.companions(source, 'aws_cloudwatch_log_delivery', 'delivery_source_name')[0]!),
  }),
];

const firewall: readonly Rule[] = [
  {
    id: 'CKV_AWS_192',
    title: 'refuses what is known to be an attack',
    types: [FIREWALL],
    check({ body }) {
      const groups = managedGroups(body);
      const missing = GUARD_RULES.filter((name) => !groups.includes(name));
      return missing.length > 0 ? `it does not ask ${missing.join(', ')}` : undefined;
    },
    breaks: (model) => {
      for (const rule of listAt(first(model, FIREWALL).body, 'rule'))
        if (valueAt(rule, 'override_action'))
          (rule as Record<string, unknown>).override_action = { count: {} };
    },
  },
  {
    id: 'SHOP_WAF_1',
    title: 'bounds what one address may ask',
    types: [FIREWALL],
    check({ body }, { settings }) {
      const rule = listAt(body, 'rule').find((one) => valueAt(one, 'statement.rate_based_statement'));
      if (valueAt(rule, 'statement.rate_based_statement.limit') !== settings.edge.requestsPerAddressMax)
        return 'its bound is not that of the settings';
      return valueAt(rule, 'action.block') ? undefined : 'it only counts';
    },
    breaks: [
      (model) => putAt(rateRule(model), 'statement.rate_based_statement.limit', 10_000_000),
      (model) => {
        rateRule(model).action = { count: {} };
      },
    ],
  },
  companionRule({
    id: 'CKV2_AWS_31',
    title: 'logs what it refused, and nothing that opens an account',
    type: FIREWALL,
    companion: 'aws_wafv2_web_acl_logging_configuration',
    by: 'resource_arn',
    check: ({ body }) => {
      const redacted = listAt(body, 'redacted_fields.single_header.name');
      const logged = ['authorization', 'cookie'].filter((name) => !redacted.includes(name));
      return logged.length > 0 ? `it logs ${logged.join(', ')}` : undefined;
    },
    breaks: ({ body }) => {
      body.redacted_fields = [{ single_header: { name: 'cookie' } }];
    },
  }),
];

const rateRule = (model: Model): Record<string, unknown> =>
  listAt(first(model, FIREWALL).body, 'rule').find((rule) =>
    valueAt(rule, 'statement.rate_based_statement'),
  ) as Record<string, unknown>;

const names: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_233',
    title: 'stands until its follower is in use',
    type: 'aws_acm_certificate',
    path: 'lifecycle.create_before_destroy',
    wanted: true,
    bad: false,
  }),
  companionRule({
    id: 'SHOP_CERT_1',
    title: 'is proven by a record, and waited for',
    type: 'aws_acm_certificate',
    companion: 'aws_acm_certificate_validation',
    by: 'certificate_arn',
    check: (validation, model, certificate) => {
      if (valueAt(validation.body, 'region') !== valueAt(certificate.body, 'region'))
        return 'it is waited for in another region';
      return model.targets(validation, 'validation_record_fqdns', 'aws_route53_record').length === 1
        ? undefined
        : 'no record of ours proves it';
    },
    breaks: ({ body }) => {
      body.validation_record_fqdns = [];
    },
  }),
  attributeRule({
    id: 'SHOP_MAIL_1',
    title: 'hands mails over by TLS or not at all',
    type: 'aws_sesv2_configuration_set',
    path: 'delivery_options.tls_policy',
    wanted: 'REQUIRE',
    bad: 'OPTIONAL',
  }),
  {
    id: 'SHOP_MAIL_2',
    title: 'sends no more mails to addresses that bounced or complained',
    types: ['aws_sesv2_configuration_set'],
    check: ({ body }) =>
      isSubset(body, 'suppression_options.suppressed_reasons', new Set(['BOUNCE', 'COMPLAINT'])) &&
      listAt(body, 'suppression_options.suppressed_reasons').length === 2
        ? undefined
        : 'it goes on writing',
    breaks: (model) => {
      putAt(first(model, 'aws_sesv2_configuration_set').body, 'suppression_options.suppressed_reasons', [
        'BOUNCE',
      ]);
    },
  },
];

const alarms: readonly Rule[] = [
  {
    id: 'CKV_AWS_319',
    title: 'has a receiver, when it begins and when it is over',
    types: ['aws_cloudwatch_metric_alarm'],
    check(block, model) {
      if (block.body.actions_enabled !== true) return 'its actions are off';
      const missing = ['alarm_actions', 'ok_actions'].filter(
        (path) => model.targets(block, path, 'aws_sns_topic').length !== 1,
      );
      return missing.length > 0 ? `${missing.join(', ')}: no topic of ours` : undefined;
    },
    breaks: [
      (model) => putAt(first(model, 'aws_cloudwatch_metric_alarm').body, 'actions_enabled', false),
      (model) => putAt(first(model, 'aws_cloudwatch_metric_alarm').body, 'alarm_actions', []),
      (model) => removeAt(first(model, 'aws_cloudwatch_metric_alarm').body, 'ok_actions'),
    ],
  },
  attributeRule({
    id: 'CKV_AWS_26',
    title: 'is encrypted by a key of ours',
    type: 'aws_sns_topic',
    path: 'kms_master_key_id',
    wanted: isOwnKey('kms_master_key_id'),
    bad: 'alias/aws/sns',
  }),
  companionRule({
    id: 'SHOP_ALARM_1',
    title: 'has the reader that the settings name',
    type: 'aws_sns_topic',
    companion: 'aws_sns_topic_subscription',
    by: 'topic_arn',
    check: ({ body }, { settings }) =>
      textAt(body, 'endpoint') === settings.edge.alarmAddress
        ? undefined
        : 'its reader is not the address of the settings',
    breaks: ({ body }) => putAt(body, 'endpoint', 'somebody@elsewhere.example'),
  }),
];

const REPOSITORY = 'aws_ecr_repository';
const registry: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_163',
    title: 'looks each image through',
    type: REPOSITORY,
    path: 'image_scanning_configuration.scan_on_push',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'CKV_AWS_51',
    title: 'never moves a tag',
    type: REPOSITORY,
    path: 'image_tag_mutability',
    wanted: 'IMMUTABLE',
    bad: 'MUTABLE',
  }),
  attributeRule({
    id: 'CKV_AWS_136',
    title: 'is encrypted by a key of ours',
    type: REPOSITORY,
    path: 'encryption_configuration.kms_key',
    wanted: isOwnKey('encryption_configuration.kms_key'),
    bad: null,
  }),
  companionRule({
    id: 'SHOP_ECR_1',
    title: 'clears old images',
    type: REPOSITORY,
    companion: 'aws_ecr_lifecycle_policy',
    by: 'repository',
  }),
  companionRule({
    id: 'CKV_AWS_32',
    title: 'says that no other account comes in',
    type: REPOSITORY,
    companion: 'aws_ecr_repository_policy',
    by: 'repository',
    check: (policy, model) =>
      model
        .statementsAt(policy, 'policy')
        .some(
          ({ isAllow, conditions }) =>
            !isAllow && conditions.some(({ variable }) => variable === 'aws:PrincipalAccount'),
        )
        ? undefined
        : 'it does not keep other accounts out',
    breaks: (policy, model) => {
      const [document] = model.targets(policy, 'policy', 'data.aws_iam_policy_document');
      putAt(document!.body, 'statement.effect', 'Allow');
    },
  }),
];

const TRAIL = 'aws_cloudtrail';
const audit: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_36',
    title: 'shows when one of its files is missing or changed',
    type: TRAIL,
    path: 'enable_log_file_validation',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'CKV_AWS_35',
    title: 'is encrypted by a key of ours',
    type: TRAIL,
    path: 'kms_key_id',
    wanted: isOwnKey('kms_key_id'),
    bad: null,
  }),
  attributeRule({
    id: 'CKV_AWS_67',
    title: 'sees every region',
    type: TRAIL,
    path: 'is_multi_region_trail',
    wanted: true,
    bad: false,
  }),
  {
    id: 'SHOP_TRAIL_1',
    title: 'sees who read and wrote the states and the originals',
    types: [TRAIL],
    check({ body }, { settings }) {
      const data = listAt(body, 'advanced_event_selector').find((one) =>
        listAt(one, 'field_selector.equals').includes('Data'),
      );
      const seen = (bucket: string) => {
        const arn = `arn:aws:s3:::${settings.project}-${settings.environment}-${settings.aws.accountId}-${bucket}/key`;
        const begins = (path: string) =>
          listAt(data, `field_selector.${path}`).some((start) => arn.startsWith(String(start)));
        return begins('starts_with') && !begins('not_starts_with');
      };
      const unseen = ['terraform-state', 'product-images'].filter((bucket) => !seen(bucket));
      return unseen.length > 0 ? `it does not see ${unseen.join(', ')}` : undefined;
    },
    breaks: [
      (model) => {
        const selectors = listAt(first(model, TRAIL).body, 'advanced_event_selector');
        first(model, TRAIL).body.advanced_event_selector = selectors.slice(0, 1);
      },
      (model) => {
        for (const field of listAt(first(model, TRAIL).body, 'advanced_event_selector.field_selector'))
          if (valueAt(field, 'starts_with'))
            putAt(field as Record<string, unknown>, 'starts_with', ['arn:x']);
      },
    ],
  },
];

export const awsEdge: readonly Rule[] = [
  ...pictures,
  ...firewall,
  ...names,
  ...alarms,
  ...registry,
  ...audit,
];
