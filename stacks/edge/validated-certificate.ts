// A certificate for one host name, proven by a record in our zone and renewed by AWS as long as the record exists.
import { AcmCertificate } from '@cdktf/provider-aws/lib/acm-certificate/index.js';
import { AcmCertificateValidation } from '@cdktf/provider-aws/lib/acm-certificate-validation/index.js';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import { Construct } from 'constructs';
import type { CLOUDFRONT_REGION } from '../regions.ts';

export interface ValidatedCertificateProps {
  readonly hostName: string;
  readonly zoneId: string;
  /** Where it is used. @default the provider's region */
  readonly region?: typeof CLOUDFRONT_REGION;
}

export class ValidatedCertificate extends Construct {
  /** Known once AWS has seen the record, so that its user gets a certificate that works. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { hostName, zoneId, region }: ValidatedCertificateProps) {
    super(scope, id);
    const place = region ? { region } : {};
    const certificate = new AcmCertificate(this, 'certificate', {
      domainName: hostName,
      validationMethod: 'DNS',
      // The old one is in use until the new one is.
      lifecycle: { createBeforeDestroy: true },
      ...place,
    });
    const proof = certificate.domainValidationOptions.get(0);
    const record = new Route53Record(this, 'proof', {
      zoneId,
      name: proof.resourceRecordName,
      type: proof.resourceRecordType,
      records: [proof.resourceRecordValue],
      ttl: 300,
      // The same name in another region is proven by the same record.
      allowOverwrite: true,
    });
    this.arn = new AcmCertificateValidation(this, 'validation', {
      certificateArn: certificate.arn,
      validationRecordFqdns: [record.fqdn],
      // It takes minutes. Longer means that the parent domain does not point to our name servers: see docs/deploy.md.
      timeouts: { create: '30m' },
      ...place,
    }).certificateArn;
  }
}
