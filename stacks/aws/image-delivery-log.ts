// Who asked for which picture: CloudFront's log, into the bucket of all access logs. Logs of CloudFront begin in us-east-1, wherever
// they end (CloudFront, "Configure standard logging (v2)").
import { CloudwatchLogDelivery } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery/index.js';
import { CloudwatchLogDeliveryDestination } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination/index.js';
import { CloudwatchLogDeliverySource } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-source/index.js';
import { Construct } from 'constructs';
import { ACCESS_LOG_PREFIX, accessLogBucketName } from '../constructs/access-log-names.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { CLOUDFRONT_REGION } from '../regions.ts';

export class ImageDeliveryLog extends Construct {
  constructor(scope: Construct, id: string, { distributionArn }: { readonly distributionArn: string }) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const name = `${prefix}-images`;
    const region = CLOUDFRONT_REGION;
    const source = new CloudwatchLogDeliverySource(this, 'source', {
      name,
      logType: 'ACCESS_LOGS',
      resourceArn: distributionArn,
      region,
    });
    const bucketArn = `arn:aws:s3:::${accessLogBucketName(settings)}`;
    const destination = new CloudwatchLogDeliveryDestination(this, 'destination', {
      name,
      outputFormat: 'json',
      deliveryDestinationConfiguration: [
        { destinationResourceArn: `${bucketArn}/${ACCESS_LOG_PREFIX.cloudfront}` },
      ],
      region,
    });
    new CloudwatchLogDelivery(this, 'delivery', {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.arn,
      region,
    });
  }
}
