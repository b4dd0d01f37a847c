// Where the platform meets people, and what must be there before anything else: the names and their certificates, the firewall of the
// shop, its identity for mail servers, and where alarms go. Small and quickly made, and the only stack that waits for an outside party: the
// name servers of the zone must be asked.
import { DataAwsRoute53Zone } from '@cdktf/provider-aws/lib/data-aws-route53-zone/index.js';
import type { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws } from '../constructs/providers.ts';
import { apiHostName, imagesHostName } from '../host-names.ts';
import { CLOUDFRONT_REGION } from '../regions.ts';
import type { Settings } from '../settings.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { MailIdentity } from './mail-identity.ts';
import { ValidatedCertificate } from './validated-certificate.ts';
import { WebFirewall } from './web-firewall.ts';

export class EdgeStack extends PlatformStack {
  readonly zoneId: string;
  /** For CloudFront. */
  readonly imagesCertificateArn: string;
  readonly webAclArn: string;
  readonly mail: MailIdentity;
  readonly alarmTopicArn: string;
  readonly alarmKeyArn: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings);
    this.keepStateInBucket();
    useAws(this);
    const { hostName, zone } = settings.edge;
    // By its name: it does not matter here whether `bootstrap` made it.
    const { zoneId } = new DataAwsRoute53Zone(this, 'zone', { name: zone.name, privateZone: false });
    this.zoneId = zoneId;
    // The load balancer controller finds each by the name that it is for.
    new ValidatedCertificate(this, 'shop-certificate', { hostName, zoneId });
    new ValidatedCertificate(this, 'api-certificate', { hostName: apiHostName(settings), zoneId });
    this.imagesCertificateArn = new ValidatedCertificate(this, 'images-certificate', {
      hostName: imagesHostName(settings),
      zoneId,
      region: CLOUDFRONT_REGION,
    }).arn;
    const logKey = new CustomerKey(this, 'log-key', {
      purpose: 'edge-logs',
      services: [`logs.${settings.aws.region}.amazonaws.com`],
    });
    this.webAclArn = new WebFirewall(this, 'firewall', { logKey }).arn;
    const alarms = new AlarmTopic(this, 'alarms');
    this.alarmTopicArn = alarms.arn;
    this.alarmKeyArn = alarms.keyArn;
    this.mail = new MailIdentity(this, 'mail', { zoneId, alarmTopicArn: this.alarmTopicArn });
  }
}
