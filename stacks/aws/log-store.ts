// Where Loki keeps the logs of everything that runs in the cluster, and who Loki is.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';
import { PrivateBucket } from './private-bucket.ts';

/** What Loki deletes by its own retention can be had back for that long. */
const OLD_CHUNK_DAYS = 7;

export class LogStore extends Construct {
  constructor(scope: Construct, id: string, { clusterName }: { readonly clusterName: string }) {
    super(scope, id);
    const { prefix } = PlatformStack.of(this);
    const key = new CustomerKey(this, 'key', { purpose: 'loki' });
    const bucket = new PrivateBucket(this, 'loki', { purpose: 'loki', key, oldVersionDays: OLD_CHUNK_DAYS });
    const identity = new PodIdentity(this, 'identity', {
      name: `${prefix}-loki`,
      clusterName,
      namespace: 'observability',
      serviceAccount: 'loki',
    });
    // Grafana Loki, "Storage", AWS deployment: these four on one bucket.
    const document = new DataAwsIamPolicyDocument(this, 'may', {
      statement: [
        { sid: 'ListChunks', actions: ['s3:ListBucket'], resources: [bucket.arn] },
        {
          sid: 'KeepChunks',
          actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
          resources: [`${bucket.arn}/*`],
        },
        key.useStatement('write'),
      ],
    });
    identity.allow('chunks', document);
  }
}
