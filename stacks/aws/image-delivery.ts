// The pictures of the shop as browsers get them: CloudFront under a name of their own, before a bucket that nothing else reads. A key
// depends on its content (lambda/image-renditions/names.ts), so a cached picture never becomes wrong.
import { CloudfrontDistribution } from '@cdktf/provider-aws/lib/cloudfront-distribution/index.js';
import { CloudfrontOriginAccessControl } from '@cdktf/provider-aws/lib/cloudfront-origin-access-control/index.js';
import { CloudfrontResponseHeadersPolicy } from '@cdktf/provider-aws/lib/cloudfront-response-headers-policy/index.js';
import { DataAwsCloudfrontCachePolicy } from '@cdktf/provider-aws/lib/data-aws-cloudfront-cache-policy/index.js';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { imagesHostName } from '../host-names.ts';
import type { ImageBuckets } from './image-buckets.ts';
import { ImageDeliveryLog } from './image-delivery-log.ts';

export interface ImageDeliveryProps {
  readonly buckets: ImageBuckets;
  readonly zoneId: string;
  /** Of `us-east-1`. */
  readonly certificateArn: string;
}

const YEAR_SECONDS = 31_536_000;
/** A picture that was just uploaded is asked for before it is made: that answer must not stay. */
const MISSING_SECONDS = 10;
/** S3 answers 403 for a missing object, when the caller may not list. */
const MISSING_STATUS = 403;
/** Tells the world the account and the key. */
const INNER_HEADERS = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-version-id',
];

export class ImageDelivery extends Construct {
  constructor(scope: Construct, id: string, props: ImageDeliveryProps) {
    super(scope, id);
    const { buckets } = props;
    const distribution = this.distribution(props);
    buckets.admitReader(distribution.arn);
    new ImageDeliveryLog(this, 'log', { distributionArn: distribution.arn });
    this.nameIt(distribution, props.zoneId);
  }

  private distribution({ buckets, certificateArn }: ImageDeliveryProps): CloudfrontDistribution {
    const { prefix, settings } = PlatformStack.of(this);
    const access = new CloudfrontOriginAccessControl(this, 'access', {
      name: `${prefix}-images`,
      description: 'CloudFront signs what it asks of the bucket',
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    });
    // By its name: AWS keeps it, and it follows the objects’ own Cache-Control up to a year.
    const caching = new DataAwsCloudfrontCachePolicy(this, 'caching', { name: 'Managed-CachingOptimized' });
    const originId = 'renditions';
    return new CloudfrontDistribution(this, 'distribution', {
      comment: `Pictures of ${prefix}`,
      enabled: true,
      isIpv6Enabled: true,
      httpVersion: 'http2and3',
      aliases: [imagesHostName(settings)],
      // Edges in Europe and North America, where the shop sells; others are served from there.
      priceClass: 'PriceClass_100',
      origin: [
        { originId, domainName: buckets.renditions.regionalDomainName, originAccessControlId: access.id },
      ],
      defaultCacheBehavior: {
        targetOriginId: originId,
        allowedMethods: ['GET', 'HEAD'],
        cachedMethods: ['GET', 'HEAD'],
        viewerProtocolPolicy: 'https-only',
        cachePolicyId: caching.id,
        responseHeadersPolicyId: this.headers().id,
        // They are compressed already.
        compress: false,
      },
      customErrorResponse: [{ errorCode: MISSING_STATUS, errorCachingMinTtl: MISSING_SECONDS }],
      restrictions: { geoRestriction: { restrictionType: 'none' } },
      viewerCertificate: {
        acmCertificateArn: certificateArn,
        sslSupportMethod: 'sni-only',
        minimumProtocolVersion: 'TLSv1.2_2021',
      },
    });
  }

  private headers(): CloudfrontResponseHeadersPolicy {
    return new CloudfrontResponseHeadersPolicy(this, 'headers', {
      name: `${PlatformStack.of(this).prefix}-images`,
      comment: 'A picture is a picture, and nothing that runs',
      securityHeadersConfig: {
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; sandbox", override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: true },
        referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
        strictTransportSecurity: {
          accessControlMaxAgeSec: YEAR_SECONDS,
          includeSubdomains: true,
          // Browsers heed it at the name of a whole domain alone; here it says only that nothing speaks against it.
          preload: true,
          override: true,
        },
      },
      removeHeadersConfig: { items: INNER_HEADERS.map((header) => ({ header })) },
    });
  }

  private nameIt(distribution: CloudfrontDistribution, zoneId: string): void {
    const name = imagesHostName(PlatformStack.of(this).settings);
    for (const type of ['A', 'AAAA'])
      new Route53Record(this, `name-${type}`, {
        zoneId,
        name,
        type,
        alias: {
          name: distribution.domainName,
          zoneId: distribution.hostedZoneId,
          evaluateTargetHealth: false,
        },
      });
  }
}
