// Who read and wrote what in S3, at the load balancer and at CloudFront: one bucket for all logs that services write by themselves.
// They hold addresses of visitors, so they go after a season.
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { PrivateBucket } from '../aws/private-bucket.ts';
import { ACCESS_LOG_PREFIX, ACCESS_LOGS } from '../constructs/access-log-names.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { CLOUDFRONT_REGION } from '../regions.ts';

const KEPT_DAYS = 90;

export class AccessLogs extends Construct {
  readonly bucket: PrivateBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new PrivateBucket(this, 'bucket', {
      purpose: ACCESS_LOGS,
      // The load balancer and S3 itself write to no bucket that has another key (Elastic Load Balancing, "Enable access logs"; S3,
      // "Enabling server access logging").
      key: 's3-managed',
      // A log of the requests to the log's own bucket would grow for ever.
      isLogged: false,
      oldVersionDays: 1,
      rules: [
        { id: 'old-logs', status: 'Enabled', filter: [{ prefix: '' }], expiration: [{ days: KEPT_DAYS }] },
      ],
    });
    for (const statement of this.writers()) this.bucket.admit(statement);
  }

  private writers(): DataAwsIamPolicyDocumentStatement[] {
    const { prefix, settings } = PlatformStack.of(this);
    const { accountId } = settings.aws;
    const writer = (
      sid: string,
      service: string,
      path: string,
      conditions: Readonly<Record<string, string>>,
    ): DataAwsIamPolicyDocumentStatement => ({
      sid,
      actions: ['s3:PutObject'],
      principals: [{ type: 'Service', identifiers: [service] }],
      resources: [`${this.bucket.arn}/${path}`],
      condition: [
        { test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] },
        ...Object.entries(conditions).map(([variable, value]) => ({
          test: 'ArnLike',
          variable,
          values: [value],
        })),
      ],
    });
    const { s3, loadBalancer, cloudfront } = ACCESS_LOG_PREFIX;
    return [
      writer('S3WritesAccessLogs', 'logging.s3.amazonaws.com', `${s3}*`, {
        'aws:SourceArn': `arn:aws:s3:::${prefix}-${accountId}-*`,
      }),
      {
        // It names no source account: the path does, and other accounts' logs have another one (Elastic Load Balancing, the same page).
        sid: 'LoadBalancersWriteAccessLogs',
        actions: ['s3:PutObject'],
        principals: [{ type: 'Service', identifiers: ['logdelivery.elasticloadbalancing.amazonaws.com'] }],
        resources: [`${this.bucket.arn}/${loadBalancer}/AWSLogs/${accountId}/*`],
      },
      writer('CloudFrontWritesAccessLogs', 'delivery.logs.amazonaws.com', `${cloudfront}/*`, {
        // CloudFront's logs begin in this region, wherever they end (CloudFront, "Configure standard logging (v2)").
        'aws:SourceArn': `arn:aws:logs:${CLOUDFRONT_REGION}:${accountId}:delivery-source:*`,
      }),
    ];
  }
}
