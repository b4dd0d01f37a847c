// List prices in US dollars, each with the place and the day on which it was read. The clouds' price lists were out of reach where this
// was written: the prices here are from public copies of them, and what was found nowhere is from memory and says "not checked".

export interface Price {
  readonly usd: number;
  /** The amount, in the price's unit. */
  readonly per:
    | 'hour'
    | 'month'
    | 'GB and month'
    | 'vCPU and hour'
    | 'GB and hour'
    | 'vCPU and second'
    | 'GiB and second';
  /** `eu-central-1`, `every region`; another than ours where only that was found. */
  readonly region: string;
  readonly source: string;
  /** The day on which we read the source, which may be older: `2026-11-28`. */
  readonly read: string;
}

const AWS = 'eu-central-1';
const GOOGLE = 'europe-west3';
export const NOT_CHECKED = 'not checked: from memory';
const READ = '2026-11-28';

type Entry = readonly [
  name: string,
  usd: number,
  per: Price['per'],
  region: string,
  source: string,
  read?: string,
];

const skypilot = (file: string) => `skypilot-org/skypilot-catalog, catalogs/v8/${file}`;
const NAT_FIXTURE = 'test data of a public cost tool, named after the AWS Price List (EUC1-NatGateway-Hours)';

const ENTRIES: readonly Entry[] = [
  ['NAT gateway', 0.052, 'hour', AWS, NAT_FIXTURE],
  ['public IPv4 address', 0.005, 'hour', AWS, NAT_FIXTURE],
  ['EKS cluster', 0.1, 'hour', 'every region', 'aws/agent-toolkit-for-aws, eks.md: 73 a month'],
  ['t4g.large', 0.0768, 'hour', AWS, skypilot('aws/vms.csv')],
  ['m7g.large', 0.0978, 'hour', AWS, `${skypilot('aws/vms.csv')}: half of m7g.xlarge`],
  ['gp3 volume', 0.0952, 'GB and month', AWS, NAT_FIXTURE],
  ['kafka.t3.small', 0.0526, 'hour', AWS, NOT_CHECKED],
  ['kafka.m5.large', 0.2529, 'hour', AWS, NOT_CHECKED],
  ['kafka.m7g.large', 0.2443, 'hour', AWS, NOT_CHECKED],
  ['MSK volume', 0.119, 'GB and month', AWS, NOT_CHECKED],
  ['db.t4g.medium in one zone', 0.073, 'hour', AWS, NOT_CHECKED],
  ['db.t4g.medium in two zones', 0.146, 'hour', AWS, NOT_CHECKED],
  ['db.m7g.large in one zone', 0.201, 'hour', AWS, NOT_CHECKED],
  ['db.m7g.large in two zones', 0.402, 'hour', AWS, NOT_CHECKED],
  ['RDS volume in one zone', 0.137, 'GB and month', AWS, NOT_CHECKED],
  ['RDS volume in two zones', 0.274, 'GB and month', AWS, NOT_CHECKED],
  ['VPN connection', 0.05, 'hour', AWS, NOT_CHECKED],
  [
    'resolver address',
    0.125,
    'hour',
    'every region',
    'aws.amazon.com/route53/pricing, as api-evangelist/amazon-route53-resolver quotes it',
    '2026-09-20',
  ],
  [
    'hosted zone',
    0.5,
    'month',
    'every region',
    'aws.amazon.com/route53/pricing, as api-evangelist/amazon-route53-resolver quotes it',
    '2026-09-20',
  ],
  ['KMS key on AWS', 1, 'month', 'every region', NOT_CHECKED],
  ['secret on AWS', 0.4, 'month', 'every region', NOT_CHECKED],
  ['interface endpoint', 0.012, 'hour', AWS, NOT_CHECKED],
  ['WAF web ACL', 5, 'month', 'every region', NOT_CHECKED],
  ['WAF rule', 1, 'month', 'every region', NOT_CHECKED],
  ['alarm', 0.1, 'month', AWS, NOT_CHECKED],
  ['VPN tunnel of Google', 0.065, 'hour', GOOGLE, NOT_CHECKED],
  [
    'Cloud SQL processor',
    0.0413,
    'vCPU and hour',
    'us-central1',
    'usage.ai/blogs/gcp/cloud-sql/pricing, May 2026',
  ],
  ['Cloud SQL memory', 0.007, 'GB and hour', 'us-central1', 'usage.ai/blogs/gcp/cloud-sql/pricing, May 2026'],
  ['Cloud SQL disk', 0.204, 'GB and month', GOOGLE, NOT_CHECKED],
  ['worker pool processor', 0.0000158, 'vCPU and second', GOOGLE, NOT_CHECKED],
  ['worker pool memory', 0.00000173, 'GiB and second', GOOGLE, NOT_CHECKED],
  ['n2-standard', 0.06256, 'vCPU and hour', GOOGLE, `${skypilot('gcp/vms.csv')}: an eighth of n2-standard-8`],
  ['Dataproc', 0.01, 'vCPU and hour', 'every region', NOT_CHECKED],
];

/** By name. */
export const PRICES: ReadonlyMap<string, Price> = new Map(
  ENTRIES.map(([name, usd, per, region, source, read = READ]) => [name, { usd, per, region, source, read }]),
);

/** @throws RangeError when the price is not in the table */
export function priceOf(name: string): Price {
  const price = PRICES.get(name);
  if (!price)
    throw new RangeError(`there is no price of ${name}: look it up, and add it to stacks/prices.ts`);
  return price;
}
