// In front of the shop's load balancer: AWS's own rules against known attacks, a limit of requests for each address, and a log
// of what was refused. The load balancer controller ties it to the load balancer that it makes.
import { CloudwatchLogResourcePolicy } from '@cdktf/provider-aws/lib/cloudwatch-log-resource-policy/index.js';
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Wafv2WebAcl, type Wafv2WebAclRule } from '@cdktf/provider-aws/lib/wafv2-web-acl/index.js';
import { Wafv2WebAclLoggingConfiguration } from '@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration/index.js';
import { Construct } from 'constructs';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { webAclName } from './web-acl-name.ts';

/** AWS's rule groups in the order in which they are asked (AWS, "AWS Managed Rules rule groups list"). */
const MANAGED_GROUPS: readonly { readonly name: string; readonly onlyCounted?: readonly string[] }[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList' },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    // It refuses bodies over 8 KiB. Ours may have 64, and each service bounds its own; a webhook of Stripe has more than 8 too.
    onlyCounted: ['SizeRestrictions_BODY'],
  },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet' },
  { name: 'AWSManagedRulesSQLiRuleSet' },
];
const WINDOW_SECONDS = 300;
/** A reader of the log must not be able to act for a customer. */
const SECRET_HEADERS = ['authorization', 'cookie', 'stripe-signature'];

export class WebFirewall extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { logKey }: { readonly logKey: CustomerKey }) {
    super(scope, id);
    const { settings } = PlatformStack.of(this);
    const name = webAclName(settings);
    this.arn = new Wafv2WebAcl(this, 'web-acl', {
      name,
      description: 'Before the load balancer of the shop',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      rule: [
        boundRule(settings.edge.requestsPerAddressMax),
        ...MANAGED_GROUPS.map((group, at) => managedRule(group, at + 1)),
      ],
      visibilityConfig: visibility(name),
    }).arn;
    this.logRefusals(logKey);
  }

  private logRefusals(key: CustomerKey): void {
    const { prefix } = PlatformStack.of(this);
    // WAF writes only to groups of this prefix.
    const log = new LogGroup(this, 'log', { name: `aws-waf-logs-${prefix}-shop`, key });
    const mayWrite = new CloudwatchLogResourcePolicy(this, 'may-write', {
      policyName: `${prefix}-waf-logs`,
      policyDocument: this.mayWrite(log).json,
    });
    new Wafv2WebAclLoggingConfiguration(this, 'logging', {
      resourceArn: this.arn,
      logDestinationConfigs: [log.arn],
      // What went through is in the access log of the load balancer.
      loggingFilter: {
        defaultBehavior: 'DROP',
        filter: [
          {
            behavior: 'KEEP',
            requirement: 'MEETS_ANY',
            condition: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((action) => ({
              actionCondition: { action },
            })),
          },
        ],
      },
      redactedFields: SECRET_HEADERS.map((name) => ({ singleHeader: { name } })),
      dependsOn: [mayWrite],
    });
  }

  /** AWS would add such a policy itself, unseen by any plan. */
  private mayWrite(log: LogGroup): DataAwsIamPolicyDocument {
    const { region, accountId } = PlatformStack.of(this).settings.aws;
    return new DataAwsIamPolicyDocument(this, 'log-policy', {
      statement: [
        {
          sid: 'DeliverWafLogs',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          principals: [{ type: 'Service', identifiers: ['delivery.logs.amazonaws.com'] }],
          resources: [`${log.arn}:*`],
          condition: [
            { test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] },
            { test: 'ArnLike', variable: 'aws:SourceArn', values: [`arn:aws:logs:${region}:${accountId}:*`] },
          ],
        },
      ],
    });
  }
}

const visibility = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

const boundRule = (limit: number): Wafv2WebAclRule => ({
  name: 'requests-per-address',
  priority: 0,
  action: { block: { customResponse: { responseCode: 429 } } },
  statement: {
    // In Terraform's own words: the package types this recursive block as `any` and hands it on as it is.
    rate_based_statement: { limit, evaluation_window_sec: WINDOW_SECONDS, aggregate_key_type: 'IP' },
  },
  visibilityConfig: visibility('requests-per-address'),
});

const managedRule = (
  { name, onlyCounted = [] }: (typeof MANAGED_GROUPS)[number],
  priority: number,
): Wafv2WebAclRule => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: {
    managed_rule_group_statement: {
      vendor_name: 'AWS',
      name,
      rule_action_override: onlyCounted.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
    },
  },
  visibilityConfig: visibility(name),
});
