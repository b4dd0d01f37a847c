// What the services and the cluster must know and Git cannot: each fact of `contracts/deployed-settings.ts` with its value in this
// environment.
import { databaseUrlFact, NO_VALUE } from '#contracts/deployed-settings.ts';
import { platformConsole } from '#contracts/processes.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import type { AwsStack } from '../aws/stack.ts';
import { subnetRanges } from '../aws/subnet-ranges.ts';
import type { EdgeStack } from '../edge/stack.ts';
import type { GcpStack } from '../gcp/stack.ts';
import { imagesBaseUrl, mailSender, shopUrl } from '../host-names.ts';
import type { LinkStack } from '../link/stack.ts';
import type { Settings } from '../settings.ts';

/** The stacks that know them. */
export interface FactSources {
  readonly aws: AwsStack;
  readonly edge: EdgeStack;
  readonly gcp: GcpStack;
  readonly link: LinkStack;
}
type Facts = Record<string, string>;

/** By the names of `FACTS`. A fact without a value, or a value without a reader, fails a spec. */
export const factsOf = (settings: Settings, { aws, edge, gcp, link }: FactSources): Facts => ({
  ...serviceFacts(settings, aws),
  ...customerFacts(settings, edge),
  ...consoleFacts(settings, gcp, link),
});

function serviceFacts({ aws: settings, payments }: Settings, aws: AwsStack): Facts {
  const { kubernetes, kafka, images, postgres } = aws;
  const { region } = settings;
  const ranges = subnetRanges(settings.vpcRange, settings.zones);
  const publicRanges = ranges.map((one) => one.public);
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
    // Load balancers are there, and nothing else.
    'network/trusted-proxies': publicRanges.join(','),
    // Of all pods only the storefront names the visitor for whom it asks; network policies keep out all pods that may not call a service.
    'network/trusted-proxies-and-pods': [...publicRanges, ...ranges.map((one) => one.private)].join(','),
    'images/originals-bucket': images.originals.name,
    // Where signed uploads go (AWS, "Virtual hosting of buckets").
    'images/uploads-origin': `https://${images.originals.name}.s3.${region}.amazonaws.com`,
    'payment/provider': payments.provider,
    'payment/publishable-key': payments.publishableKey ?? NO_VALUE,
  };
}

/** Where customers meet the shop, and what reaches them from it. */
const customerFacts = (settings: Settings, { mail }: EdgeStack): Facts => ({
  'shop/url': shopUrl(settings),
  'images/base-url': imagesBaseUrl(settings),
  'mail/from': mailSender(settings),
  'mail/configuration-set': mail.configurationSetName,
});

/** The addresses of the other cloud's stores for the console, and its accounts there. None of it is secret: it has no password and no key. */
const consoleFacts = (settings: Settings, { console, stores }: GcpStack, link: LinkStack): Facts => ({
  [databaseUrlFact(platformConsole)]: console.databaseUrl,
  'console/database-ca': console.databaseAuthority,
  'google/project': settings.gcp.projectId,
  'google/firestore-database': stores.firestoreDatabase,
  'google/results-bucket': stores.resultsBucket,
  'google/workload-provider': link.clusterProvider,
  'google/console-account': console.identity.email,
});
