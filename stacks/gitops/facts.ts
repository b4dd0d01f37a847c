// What the services must know and Git cannot: each fact of `contracts/deployed-settings.ts` with its value in this environment.
import { databaseUrlFact } from '#contracts/deployed-settings.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import type { AwsStack } from '../aws/stack.ts';
import { subnetRanges } from '../aws/subnet-ranges.ts';
import type { Settings } from '../settings.ts';

/** By the names of `FACTS`. A fact without a value, or a value that nobody asks for, fails a spec. */
export function factsOf({ aws: settings, payments }: Settings, aws: AwsStack): Record<string, string> {
  const { kubernetes, kafka, images, postgres } = aws;
  const { region, shopHost } = settings;
  const databaseUrls = SERVICES.filter(({ stores }) => stores.includes('postgres')).map((service) => [
    databaseUrlFact(service),
    postgres.urlOf(serviceDatabase(service).role),
  ]);
  return {
    ...Object.fromEntries(databaseUrls),
    'cluster/region': region,
    'kafka/bootstrap-servers': kafka.bootstrapServers,
    'cluster/issuer': kubernetes.issuer,
    // Where EKS publishes the keys of that issuer (AWS, "Fetch signing keys to validate OIDC tokens").
    'cluster/jwks-url': `${kubernetes.issuer}/keys`,
    // Load balancers stand there, and nobody else does.
    'network/trusted-proxies': subnetRanges(settings.vpcRange, settings.zones)
      .map((ranges) => ranges.public)
      .join(','),
    'shop/url': `https://${shopHost}`,
    'images/base-url': `https://images.${shopHost}`,
    'images/originals-bucket': images.originals.name,
    'mail/from': `no-reply@${shopHost}`,
    // AWS, "Amazon Simple Email Service endpoints and quotas".
    'mail/smtp-host': `email-smtp.${region}.amazonaws.com`,
    'payment/provider': payments.provider,
  };
}
