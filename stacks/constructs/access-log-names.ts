// The place of an environment's access logs: one bucket, which `bootstrap` makes, and a place in it for each kind.
import { namePrefix, type Settings } from '../settings.ts';

/** Ends the bucket's name. */
export const ACCESS_LOGS = 'access-logs';

/** Bucket names are taken world-wide: the account makes it ours. */
export const accessLogBucketName = (settings: Settings): string =>
  `${namePrefix(settings)}-${settings.aws.accountId}-${ACCESS_LOGS}`;

/** Folders of the bucket. */
export const ACCESS_LOG_PREFIX = {
  s3: 's3/',
  loadBalancer: 'load-balancer',
  cloudfront: 'cloudfront',
} as const;
