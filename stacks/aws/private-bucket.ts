// A private bucket: not public, versioned, encrypted by our key, and spoken to over TLS only.
import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketLoggingA } from '@cdktf/provider-aws/lib/s3-bucket-logging/index.js';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ACCESS_LOG_PREFIX, accessLogBucketName } from '../constructs/access-log-names.ts';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';

export interface PrivateBucketProps {
  /** Ends the bucket's name, `shop-dev-111122223333-product-images`: names are taken world-wide, the account makes it ours. */
  readonly purpose: string;
  /** `s3-managed` only where the service that writes takes no other. */
  readonly key: CustomerKey | 's3-managed';
  /** Whether reads and writes are logged, into the bucket of access logs. @default true */
  readonly isLogged?: boolean;
  /** What must exist before its access log: the bucket that takes it, in the stack that makes that. @default nothing */
  readonly loggedAfter?: ITerraformDependable;
  /** How long an overwritten or deleted version can still be had back. */
  readonly oldVersionDays: number;
  /** What happens to objects beside that. @default nothing */
  readonly rules?: readonly S3BucketLifecycleConfigurationRule[];
}

export class PrivateBucket extends Construct {
  readonly name: string;
  readonly arn: string;
  /** Where S3 itself answers for it, in its region. */
  readonly regionalDomainName: string;
  /** What must be in force before a service that the policy admits tries it. */
  readonly policy: ITerraformDependable;
  readonly #policy: DataAwsIamPolicyDocument;
  readonly #statements: DataAwsIamPolicyDocumentStatement[];

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
    this.regionalDomainName = bucket.bucketRegionalDomainName;
    this.#statements = [denyWithoutTls(this.arn)];
    this.#policy = new DataAwsIamPolicyDocument(this, 'tls-only', { statement: this.#statements });
    this.policy = this.closeToPublic();
    this.keepVersions(props);
    this.encrypt(props.key);
    if (props.isLogged ?? true) this.logAccess(props);
  }

  private logAccess({ purpose, loggedAfter }: PrivateBucketProps): void {
    new S3BucketLoggingA(this, 'access-log', {
      bucket: this.name,
      targetBucket: accessLogBucketName(PlatformStack.of(this).settings),
      targetPrefix: `${ACCESS_LOG_PREFIX.s3}${purpose}/`,
      ...(loggedAfter ? { dependsOn: [loggedAfter] } : {}),
    });
  }

  private encrypt(key: PrivateBucketProps['key']): void {
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket: this.name,
      rule: [
        {
          applyServerSideEncryptionByDefault:
            key === 's3-managed'
              ? { sseAlgorithm: 'AES256' }
              : { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn },
          // One call of KMS for many objects.
          bucketKeyEnabled: key !== 's3-managed',
        },
      ],
    });
  }

  /** Lets a service of AWS in, as its statement says. Our own programs need none: IAM admits them. */
  admit(statement: DataAwsIamPolicyDocumentStatement): void {
    this.#statements.push(statement);
    this.#policy.putStatement(this.#statements);
  }

  private closeToPublic(): ITerraformDependable {
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
    // S3 refuses two concurrent changes of access.
    return new S3BucketPolicy(this, 'policy', {
      bucket: this.name,
      policy: this.#policy.json,
      dependsOn: [block],
    });
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

const denyWithoutTls = (arn: string): DataAwsIamPolicyDocumentStatement => ({
  sid: 'DenyWithoutTls',
  effect: 'Deny',
  // A denial may name everything: what it leaves out would be allowed in the clear.
  actions: ['s3:*'],
  principals: [{ type: '*', identifiers: ['*'] }],
  resources: [arn, `${arn}/*`],
  condition: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
});
