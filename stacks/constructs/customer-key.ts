// A KMS key of our own: it rotates, its policy names who may use it, and it cannot be deleted by mistake.
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { keepsData, PlatformStack } from './platform-stack.ts';

const READ_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_ACTIONS = [
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** All that a key's owner does. Spelled out, since `kms:*` would also be every action that AWS thinks of later. */
const OWNER_ACTIONS = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:CreateGrant',
  'kms:DeleteAlias',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RetireGrant',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** In a key's own policy this is the key, and no other resource (AWS KMS, "Key policies", element Resource). */
const THIS_KEY = ['*'];

export interface CustomerKeyProps {
  /** What it encrypts, such as `logs`: the end of its alias, `alias/shop-dev-logs`. */
  readonly purpose: string;
  /**
   * Service principals that encrypt by it in their own name, such as `logs.eu-central-1.amazonaws.com`. Services that act with
   * the caller's rights (RDS, MSK and EKS make grants) need none. @default none
   */
  readonly services?: readonly string[];
  /**
   * ARNs of service-linked roles that attach encrypted volumes; each must exist before the key does. @default none
   */
  readonly serviceLinkedRoles?: readonly string[];
}

export class CustomerKey extends Construct {
  readonly arn: string;
  readonly keyId: string;
  readonly #purpose: string;
  readonly #policy: DataAwsIamPolicyDocument;
  readonly #statements: DataAwsIamPolicyDocumentStatement[];

  constructor(scope: Construct, id: string, props: CustomerKeyProps) {
    super(scope, id);
    const { settings, prefix } = PlatformStack.of(this);
    const { purpose, services = [], serviceLinkedRoles = [] } = props;
    this.#purpose = purpose;
    this.#statements = [
      ownedByAccount(settings),
      ...services.map((service) => usedByService(service, settings)),
      ...attachedByRoles(serviceLinkedRoles),
    ];
    this.#policy = new DataAwsIamPolicyDocument(this, 'policy', { statement: this.#statements });
    const key = new KmsKey(this, 'key', {
      description: `Encrypts ${purpose} of ${prefix}`,
      enableKeyRotation: true,
      // The days in which a deletion can still be taken back; 7 is the least that KMS takes.
      deletionWindowInDays: settings.isProtected ? 30 : 7,
      policy: this.#policy.json,
      lifecycle: keepsData(settings),
    });
    new KmsAlias(this, 'alias', { name: `alias/${prefix}-${purpose}`, targetKeyId: key.keyId });
    this.arn = key.arn;
    this.keyId = key.keyId;
  }

  /**
   * Lets a service read for one resource of ours alone, such as a CloudFront distribution: it then comes before the key, and whatever
   * waits for the key waits for it.
   */
  admitReader(service: string, sourceArn: string): void {
    this.#statements.push({
      sid: `ReadBy${service.replace(/[^A-Za-z0-9]/g, '')}`,
      actions: READ_ACTIONS,
      principals: [{ type: 'Service', identifiers: [service] }],
      resources: THIS_KEY,
      condition: [{ test: 'StringEquals', variable: 'aws:SourceArn', values: [sourceArn] }],
    });
    this.#policy.putStatement(this.#statements);
  }

  /** What a role's policy must hold to read, or to read and write, what the key encrypts. */
  useStatement(access: 'read' | 'write'): DataAwsIamPolicyDocumentStatement {
    return {
      // A sid may hold letters and digits only.
      sid: `UseKeyOf${this.#purpose.replace(/[^A-Za-z0-9]/g, '')}`,
      // Writers decrypt as well: a multipart upload reads its own parts (AWS KMS, "How Amazon S3 uses AWS KMS").
      actions: access === 'read' ? READ_ACTIONS : [...READ_ACTIONS, ...WRITE_ACTIONS],
      resources: [this.arn],
    };
  }
}

/** IAM decides in the account. Without this statement a key whose policy is wrong could never be repaired. */
const ownedByAccount = ({ aws }: Settings): DataAwsIamPolicyDocumentStatement => ({
  sid: 'AccountDecidesByIam',
  actions: [...OWNER_ACTIONS, ...READ_ACTIONS, ...WRITE_ACTIONS],
  principals: [{ type: 'AWS', identifiers: [`arn:aws:iam::${aws.accountId}:root`] }],
  resources: THIS_KEY,
});

/** Only for our account's resources: a service works for everybody, and would be a confused deputy. */
function usedByService(service: string, { aws }: Settings): DataAwsIamPolicyDocumentStatement {
  const isLogs = service.startsWith('logs.');
  return {
    sid: `UsedBy${service.replace(/[^A-Za-z0-9]/g, '')}`,
    actions: [...READ_ACTIONS, ...WRITE_ACTIONS],
    principals: [{ type: 'Service', identifiers: [service] }],
    resources: THIS_KEY,
    condition: isLogs
      ? [
          {
            // CloudWatch Logs sends no source account, but the log group's ARN as encryption context.
            test: 'ArnLike',
            variable: 'kms:EncryptionContext:aws:logs:arn',
            values: [`arn:aws:logs:${aws.region}:${aws.accountId}:log-group:*`],
          },
        ]
      : [{ test: 'StringEquals', variable: 'aws:SourceAccount', values: [aws.accountId] }],
  };
}

function attachedByRoles(roleArns: readonly string[]): DataAwsIamPolicyDocumentStatement[] {
  if (roleArns.length === 0) return [];
  const principals = [{ type: 'AWS', identifiers: [...roleArns] }];
  return [
    {
      sid: 'UsedByServiceLinkedRoles',
      actions: [...READ_ACTIONS, ...WRITE_ACTIONS],
      principals,
      resources: THIS_KEY,
    },
    {
      sid: 'GrantedToVolumesOfServiceLinkedRoles',
      actions: ['kms:CreateGrant'],
      principals,
      resources: THIS_KEY,
      condition: [{ test: 'Bool', variable: 'kms:GrantIsForAWSResource', values: ['true'] }],
    },
  ];
}
