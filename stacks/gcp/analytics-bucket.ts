// A bucket as every bucket of the analytics side is: private, encrypted by our key, its older versions kept for a time.
import {
  StorageBucket,
  type StorageBucketLifecycleRule,
} from '@cdktf/provider-google/lib/storage-bucket/index.js';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member/index.js';
import { Construct } from 'constructs';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { AnalyticsKey } from './analytics-key.ts';

const DAY_S = 86_400;
/** Google Cloud, "About Cloud Storage buckets", Bucket names. */
const NAME_LENGTH_MAX = 63;

export interface AnalyticsBucketProps {
  /** What it holds: the middle of its name, `shop-dev-<purpose>-<project id>`. */
  readonly purpose: string;
  readonly key: AnalyticsKey;
  /** How long a replaced or deleted object can still be had, in days. */
  readonly olderVersionDays: number;
  /** Whether the bucket's own undo of deletions is on, for a week. @default true */
  readonly undoesDeletion?: boolean;
  /** @default none */
  readonly deletes?: readonly DeletionByAge[];
}

/** Objects that are of no use to anybody after a time. */
export interface DeletionByAge {
  readonly afterDays: number;
  /** @default every object */
  readonly prefix?: string;
}

/** What a role may do with the objects of one bucket. */
export type BucketRole = 'objectViewer' | 'objectCreator' | 'objectUser';

export class AnalyticsBucket extends Construct {
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: AnalyticsBucketProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const name = `${prefix}-${props.purpose}-${settings.gcp.projectId}`;
    if (name.length > NAME_LENGTH_MAX)
      throw new RangeError(
        `bucket name ${name} has more than ${NAME_LENGTH_MAX} characters: shorten the project id`,
      );
    const key = props.key.usableBy('storage');
    this.bucketName = new StorageBucket(this, 'bucket', {
      name,
      location: settings.gcp.region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      versioning: { enabled: true },
      softDeletePolicy: { retentionDurationSeconds: (props.undoesDeletion ?? true) ? 7 * DAY_S : 0 },
      encryption: { defaultKmsKeyName: key.name },
      lifecycleRule: lifecycleRules(props),
      forceDestroy: !settings.isProtected,
      dependsOn: key.grants,
      lifecycle: keepsData(settings),
    }).name;
  }

  /** `who` names the grant; `member` is as IAM writes it: `serviceAccount:…`. */
  grant(who: string, member: string, ...roles: BucketRole[]): StorageBucketIamMember[] {
    return roles.map(
      (role) =>
        new StorageBucketIamMember(this, `${who}-${role}`, {
          bucket: this.bucketName,
          role: `roles/storage.${role}`,
          member,
        }),
    );
  }
}

const lifecycleRules = ({
  olderVersionDays,
  deletes = [],
}: AnalyticsBucketProps): StorageBucketLifecycleRule[] => [
  {
    action: { type: 'Delete' },
    condition: { daysSinceNoncurrentTime: olderVersionDays, withState: 'ARCHIVED' },
  },
  // Parts of unfinished uploads cost money, and no listing shows them.
  { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 7 } },
  ...deletes.map(({ afterDays, prefix }) => ({
    action: { type: 'Delete' },
    condition: { age: afterDays, withState: 'LIVE', ...(prefix ? { matchesPrefix: [prefix] } : {}) },
  })),
];
