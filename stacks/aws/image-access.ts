// What programs may do with images. The product service signs uploads; the function may read uploads, copy refused ones into quarantine, store renditions. It deletes nothing.
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { QUARANTINE_PREFIX, renditionPrefix, UPLOAD_PREFIX } from '#contracts/images.ts';
import type { ImageBuckets } from './image-buckets.ts';

export const imageStatements = ({
  originals,
  renditions,
  key,
}: ImageBuckets): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'ReadUploads',
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [`${originals.arn}/${UPLOAD_PREFIX}*`],
  },
  {
    // Without it S3 answers 403 for an object that is gone, which would count as a failure and be tried again.
    sid: 'TellGoneFromForbidden',
    actions: ['s3:ListBucket'],
    resources: [originals.arn],
  },
  {
    sid: 'QuarantineUploads',
    actions: ['s3:PutObject'],
    resources: [`${originals.arn}/${QUARANTINE_PREFIX}*`],
  },
  {
    sid: 'StoreRenditions',
    actions: ['s3:PutObject'],
    resources: [`${renditions.arn}/${renditionPrefix({ productId: '*', uploadId: '*' })}*`],
  },
  key.useStatement('write'),
];

/** A presigned address may do what its signer may. */
export const uploadStatements = ({ originals, key }: ImageBuckets): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'SignUploads',
    actions: ['s3:PutObject'],
    resources: [`${originals.arn}/${UPLOAD_PREFIX}*`],
  },
  key.useStatement('write'),
];
