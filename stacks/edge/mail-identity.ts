// The shop's identity for mail servers: a domain that signs what it sends (DKIM), names who may send for it (SPF) and what to do with what
// was forged (DMARC). Amazon SES sends; IAM decides which role may use it, so there is no password.
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import { Sesv2ConfigurationSet } from '@cdktf/provider-aws/lib/sesv2-configuration-set/index.js';
import { Sesv2EmailIdentity } from '@cdktf/provider-aws/lib/sesv2-email-identity/index.js';
import { Sesv2EmailIdentityMailFromAttributes } from '@cdktf/provider-aws/lib/sesv2-email-identity-mail-from-attributes/index.js';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { Alarm } from '../constructs/alarm.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { bounceDomain } from '../host-names.ts';

/** Easy DKIM makes as many keys, to turn them over (AWS, "Easy DKIM in Amazon SES"). */
const DKIM_KEY_COUNT = 3;
const TTL_SECONDS = 3_600;
/** AWS reviews an account from 5 % and 0.1 % on (AWS, "Amazon SES sending review process FAQs"): we want to know before. */
const BOUNCE_RATE_MAX = 0.04;
const COMPLAINT_RATE_MAX = 0.000_8;

export interface MailIdentityProps {
  readonly zoneId: string;
  readonly alarmTopicArn: string;
}

export class MailIdentity extends Construct {
  /** What sending is allowed on, together with the set's. */
  readonly identityArn: string;
  readonly configurationSetArn: string;
  readonly configurationSetName: string;

  constructor(scope: Construct, id: string, { zoneId, alarmTopicArn }: MailIdentityProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const domain = settings.edge.hostName;
    const set = new Sesv2ConfigurationSet(this, 'sending', {
      configurationSetName: `${prefix}-shop`,
      // Links in these mails open accounts: better not delivered than read on the way.
      deliveryOptions: { tlsPolicy: 'REQUIRE' },
      reputationOptions: { reputationMetricsEnabled: true },
      sendingOptions: { sendingEnabled: true },
      // An address that bounced or complained is not written to again.
      suppressionOptions: { suppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    const identity = new Sesv2EmailIdentity(this, 'domain', {
      emailIdentity: domain,
      configurationSetName: set.configurationSetName,
      dkimSigningAttributes: { nextSigningKeyLength: 'RSA_2048_BIT' },
    });
    this.identityArn = identity.arn;
    this.configurationSetArn = set.arn;
    this.configurationSetName = set.configurationSetName;
    for (let at = 0; at < DKIM_KEY_COUNT; at += 1) {
      const token = Fn.element(identity.dkimSigningAttributes.tokens, at);
      this.record(
        `dkim-${at}`,
        zoneId,
        `${token}._domainkey.${domain}`,
        'CNAME',
        `${token}.dkim.amazonses.com`,
      );
    }
    this.returnBounces(zoneId, identity.emailIdentity);
    // DKIM signs by this very domain, so that strict alignment costs nothing; SPF's is of the one below.
    this.record('dmarc', zoneId, `_dmarc.${domain}`, 'TXT', 'v=DMARC1; p=reject; adkim=s');
    this.watch(set.configurationSetName, alarmTopicArn);
  }

  /** A domain of our own under which bounces come back, so that SPF names us and not Amazon. */
  private returnBounces(zoneId: string, emailIdentity: string): void {
    const { settings } = PlatformStack.of(this);
    const mailFromDomain = bounceDomain(settings);
    new Sesv2EmailIdentityMailFromAttributes(this, 'mail-from', {
      emailIdentity,
      mailFromDomain,
      // DKIM alone still passes DMARC: a mail is worth more than its second proof.
      behaviorOnMxFailure: 'USE_DEFAULT_VALUE',
    });
    const feedback = `10 feedback-smtp.${settings.aws.region}.amazonses.com`;
    this.record('bounces', zoneId, mailFromDomain, 'MX', feedback);
    this.record('spf', zoneId, mailFromDomain, 'TXT', 'v=spf1 include:amazonses.com -all');
  }

  private record(id: string, zoneId: string, name: string, type: string, value: string): void {
    new Route53Record(this, id, { zoneId, name, type, ttl: TTL_SECONDS, records: [value] });
  }

  private watch(configurationSet: string, topicArn: string): void {
    const rates = [
      ['bounces', 'Reputation.BounceRate', BOUNCE_RATE_MAX],
      ['complaints', 'Reputation.ComplaintRate', COMPLAINT_RATE_MAX],
    ] as const;
    for (const [name, metricName, threshold] of rates)
      new Alarm(this, `${name}-alarm`, {
        name: `mail-${name}`,
        says: `Too many ${name}: Amazon stops an account that goes on so. See the suppression list, and who registers`,
        topicArn,
        metric: {
          namespace: 'AWS/SES',
          metricName,
          statistic: 'Maximum',
          // The dimension is from memory (SES, "Creating reputation monitoring alarms"): not checked.
          dimensions: { 'ses:configuration-set': configurationSet },
        },
        isBreached: { above: threshold },
        // The rate is computed as mails go.
        periodSeconds: 3_600,
      });
  }
}
