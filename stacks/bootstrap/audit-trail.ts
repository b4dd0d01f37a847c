// All that is done in the account by AWS's API, by any identity: every change, and every object that was read or written in the
// buckets that hold states and originals. CloudTrail signs its files, so that a missing or changed one shows.
import { Cloudtrail } from '@cdktf/provider-aws/lib/cloudtrail/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { PrivateBucket } from '../aws/private-bucket.ts';
import { accessLogBucketName } from '../constructs/access-log-names.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';

const SERVICE = 'cloudtrail.amazonaws.com';
const PURPOSE = 'audit-trail';

export class AuditTrail extends Construct {
  constructor(scope: Construct, id: string, { loggedAfter }: { readonly loggedAfter: ITerraformDependable }) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { region, accountId } = settings.aws;
    const name = `${prefix}-${PURPOSE}`;
    const trailArn = `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`;
    const key = new CustomerKey(this, 'key', { purpose: PURPOSE, services: [SERVICE] });
    const bucket = new PrivateBucket(this, 'bucket', {
      purpose: PURPOSE,
      key,
      oldVersionDays: 30,
      loggedAfter,
      rules: [
        {
          id: 'old-events',
          status: 'Enabled',
          filter: [{ prefix: '' }],
          expiration: [{ days: settings.logRetentionDays }],
        },
      ],
    });
    this.admitTrail(bucket, trailArn);
    new Cloudtrail(this, 'trail', {
      name,
      s3BucketName: bucket.name,
      kmsKeyId: key.arn,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      enableLogging: true,
      advancedEventSelector: [everyChange, this.objectsOfBuckets()],
      // CloudTrail tries the bucket before there is a trail.
      dependsOn: [bucket.policy],
    });
  }

  /** As AWS says: CloudTrail, "Amazon S3 bucket policy for CloudTrail". */
  private admitTrail(bucket: PrivateBucket, trailArn: string): void {
    const { accountId } = PlatformStack.of(this).settings.aws;
    const principals = [{ type: 'Service', identifiers: [SERVICE] }];
    const ofTrail = { test: 'StringEquals', variable: 'aws:SourceArn', values: [trailArn] };
    bucket.admit({
      sid: 'TrailLooksAtBucket',
      actions: ['s3:GetBucketAcl'],
      principals,
      resources: [bucket.arn],
      condition: [ofTrail],
    });
    bucket.admit({
      sid: 'TrailWrites',
      actions: ['s3:PutObject'],
      principals,
      resources: [`${bucket.arn}/AWSLogs/${accountId}/*`],
      condition: [
        ofTrail,
        { test: 'StringEquals', variable: 's3:x-amz-acl', values: ['bucket-owner-full-control'] },
      ],
    });
  }

  /** Renditions are public, and logs are logs: their reads and writes would be all noise, and are paid for by the event. */
  private objectsOfBuckets() {
    const { prefix, settings } = PlatformStack.of(this);
    const ours = `arn:aws:s3:::${prefix}-${settings.aws.accountId}`;
    const noise = ['processed-images', 'loki', PURPOSE].map((purpose) => `${ours}-${purpose}/`);
    return {
      name: 'Objects in our buckets',
      fieldSelector: [
        { field: 'eventCategory', equalTo: ['Data'] },
        { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
        {
          field: 'resources.ARN',
          startsWith: [`${ours}-`],
          notStartsWith: [...noise, `arn:aws:s3:::${accessLogBucketName(settings)}/`],
        },
      ],
    };
  }
}

const everyChange = {
  name: 'Management',
  fieldSelector: [{ field: 'eventCategory', equalTo: ['Management'] }],
};
