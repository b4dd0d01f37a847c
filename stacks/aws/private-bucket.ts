// A bucket that is nobody's but ours: not public, versioned, encrypted by our key, and spoken to over TLS only.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import { Construct } from 'constructs';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';

export interface PrivateBucketProps {
  /** Ends the bucket's name, `shop-dev-111122223333-product-images`: names are taken world-wide, the account makes it ours. */
  readonly purpose: string;
  readonly key: CustomerKey;
  /** How long an overwritten or deleted version can still be had back. */
  readonly oldVersionDays: number;
  /** What happens to objects beside that. @default nothing */
  readonly rules?: readonly S3BucketLifecycleConfigurationRule[];
}

export class PrivateBucket extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const { settings, prefix } = PlatformStack.of(this);
    const bucket = new S3Bucket(this, 'bucket', {
      bucket: `${prefix}-${settings.aws.accountId}-${props.purpose}`,
      forceDestroy: !settings.isProtected,
      lifecycle: keepsData(settings),
    });
    this.name = bucket.bucket;
    this.arn = bucket.arn;
    this.closeToPublic();
    this.keepVersions(props);
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket: this.name,
      rule: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: props.key.arn },
          // One call of KMS for many objects.
          bucketKeyEnabled: true,
        },
      ],
    });
  }

  private closeToPublic(): void {
    const block = new S3BucketPublicAccessBlock(this, 'public-access-block', {
      bucket: this.name,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, 'ownership', {
      bucket: this.name,
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    const policy = new DataAwsIamPolicyDocument(this, 'tls-only', {
      statement: [
        {
          sid: 'DenyWithoutTls',
          effect: 'Deny',
          // A denial may name everything: what it leaves out would be allowed in the clear.
          actions: ['s3:*'],
          principals: [{ type: '*', identifiers: ['*'] }],
          resources: [this.arn, `${this.arn}/*`],
          condition: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
        },
      ],
    });
    // S3 refuses two changes of who may come in at the same time.
    new S3BucketPolicy(this, 'policy', { bucket: this.name, policy: policy.json, dependsOn: [block] });
  }

  private keepVersions({ oldVersionDays, rules = [] }: PrivateBucketProps): void {
    const versioning = new S3BucketVersioningA(this, 'versioning', {
      bucket: this.name,
      versioningConfiguration: { status: 'Enabled' },
    });
    const leftovers: S3BucketLifecycleConfigurationRule = {
      id: 'leftovers',
      status: 'Enabled',
      filter: [{}],
      noncurrentVersionExpiration: [{ noncurrentDays: oldVersionDays }],
      expiration: [{ expiredObjectDeleteMarker: true }],
      abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
    };
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket: this.name,
      rule: [leftovers, ...rules],
      // Rules about versions need them (Terraform, aws_s3_bucket_lifecycle_configuration).
      dependsOn: [versioning],
    });
  }
}
