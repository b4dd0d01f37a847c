// The images of products: the originals as they were uploaded, and apart from them what the function makes of each, so that
// what it writes can never call it again.
import { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration/index.js';
import { Construct } from 'constructs';
import { QUARANTINE_PREFIX, RENDITION_PREFIX, UPLOAD_PREFIX } from '#contracts/images.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { shopUrl } from '../host-names.ts';
import { PrivateBucket } from './private-bucket.ts';

/** Long enough to notice that the wrong photo was deleted. */
const OLD_ORIGINAL_DAYS = 30;
/** Renditions can be made again from the originals. */
const OLD_RENDITION_DAYS = 7;
/** A refused file is kept for an investigation; its original stays under `uploads/`. */
const QUARANTINE_DAYS = 90;

export class ImageBuckets extends Construct {
  /** `product_images`: uploads, and copies of those that were refused. */
  readonly originals: PrivateBucket;
  /** `processed_images`: renditions. */
  readonly renditions: PrivateBucket;
  /** Encrypts both. */
  readonly key: CustomerKey;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { settings } = PlatformStack.of(this);
    const { images } = settings.aws;
    this.key = new CustomerKey(this, 'key', { purpose: 'images' });
    this.originals = new PrivateBucket(this, 'product-images', {
      purpose: 'product-images',
      key: this.key,
      oldVersionDays: OLD_ORIGINAL_DAYS,
      rules: [
        {
          id: 'cold-originals',
          status: 'Enabled',
          filter: [{ prefix: UPLOAD_PREFIX }],
          // Read at once when renditions must be made again: the colder classes would take hours.
          transition: [{ days: images.coldAfterDays, storageClass: 'GLACIER_IR' }],
        },
        {
          id: 'old-quarantine',
          status: 'Enabled',
          filter: [{ prefix: QUARANTINE_PREFIX }],
          expiration: [{ days: QUARANTINE_DAYS }],
        },
      ],
    });
    new S3BucketCorsConfiguration(this, 'uploads-from-pages', {
      bucket: this.originals.name,
      // The headers that a presigned address binds; nothing is read back.
      corsRule: [
        {
          allowedOrigins: [shopUrl(settings)],
          allowedMethods: ['PUT'],
          allowedHeaders: ['content-type', 'content-length'],
          maxAgeSeconds: 3_600,
        },
      ],
    });
    this.renditions = new PrivateBucket(this, 'processed-images', {
      purpose: 'processed-images',
      key: this.key,
      oldVersionDays: OLD_RENDITION_DAYS,
    });
  }

  /** Lets one CloudFront distribution read renditions (AWS, "Restrict access to an Amazon S3 origin", SSE-KMS). */
  admitReader(distributionArn: string): void {
    const service = 'cloudfront.amazonaws.com';
    this.renditions.admit({
      sid: 'ReadByDistribution',
      actions: ['s3:GetObject'],
      principals: [{ type: 'Service', identifiers: [service] }],
      resources: [`${this.renditions.arn}/${RENDITION_PREFIX}*`],
      condition: [{ test: 'StringEquals', variable: 'aws:SourceArn', values: [distributionArn] }],
    });
    this.key.admitReader(service, distributionArn);
  }
}
