// What an environment costs in a month, from its synthesized resources: only what costs without any use.

import type { StackName } from '../../../stacks/platform.ts';
import { priceOf } from '../../../stacks/prices.ts';
import type { Block } from '../blocks.ts';
import { listAt, textAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';

export interface CostLine {
  /** What a reader of the bill looks for. */
  readonly part: string;
  readonly price: string;
  /** In the unit of the price, a month: hours, months, gigabytes. */
  readonly quantity: number;
}

/** As the clouds' own calculators count. */
export const HOURS = 730;
const SECONDS = HOURS * 3_600;

export const usdOf = ({ price, quantity }: CostLine): number => priceOf(price).usd * quantity;
export const totalOf = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, line) => sum + usdOf(line), 0);

/**
 * The lines of one part and price as one line, without lines of quantity 0.
 * @param stack by default all of them
 */
export function costLines(model: Model, stack?: StackName): CostLine[] {
  const all: Blocks = (type) => model.all(type).filter((block) => !stack || block.stack === stack);
  const lines = [...network(all), ...kubernetes(model, all), ...stores(all), ...google(all), ...small(all)];
  const joined = new Map<string, CostLine>();
  for (const line of lines) {
    const key = `${line.part}, ${line.price}`;
    const quantity = (joined.get(key)?.quantity ?? 0) + line.quantity;
    if (quantity > 0) joined.set(key, { ...line, quantity });
  }
  return [...joined.values()];
}

/** Resources of a type. */
type Blocks = (type: string) => readonly Block[];

const hourly = (all: Blocks, type: string, part: string, price: string): CostLine[] =>
  all(type).map(() => ({ part, price, quantity: HOURS }));
const monthly = (all: Blocks, type: string, part: string, price: string): CostLine[] =>
  all(type).map(() => ({ part, price, quantity: 1 }));
const numberAt = (block: Block, path: string): number => Number(valueAt(block.body, path) ?? 0);

const network = (all: Blocks): CostLine[] => [
  ...hourly(all, 'aws_nat_gateway', 'Way out of the VPC', 'NAT gateway'),
  ...hourly(all, 'aws_eip', 'Way out of the VPC', 'public IPv4 address'),
  ...hourly(all, 'aws_vpn_connection', 'Tunnels', 'VPN connection'),
  ...hourly(all, 'google_compute_vpn_tunnel', 'Tunnels', 'VPN tunnel of Google'),
  ...all('aws_route53_resolver_endpoint').map(({ body }) => ({
    part: 'Names of the brokers, for Google',
    price: 'resolver address',
    quantity: listAt(body, 'ip_address').length * HOURS,
  })),
  ...all('aws_vpc_endpoint')
    .filter(({ body }) => textAt(body, 'vpc_endpoint_type') === 'Interface')
    .map(({ body }) => ({
      part: 'Interface endpoints',
      price: 'interface endpoint',
      quantity: Math.max(1, listAt(body, 'subnet_ids').length) * HOURS,
    })),
];

const kubernetes = (model: Model, all: Blocks): CostLine[] => [
  ...hourly(all, 'aws_eks_cluster', 'Kubernetes', 'EKS cluster'),
  ...all('aws_eks_node_group').flatMap((group) => {
    const count = numberAt(group, 'scaling_config.min_size');
    if (count === 0) return [];
    const [template] = model.targets(group, 'launch_template.id', 'aws_launch_template');
    const gib = template ? numberAt(template, 'block_device_mappings.ebs.volume_size') : 0;
    return [
      { part: 'Kubernetes', price: textAt(group.body, 'instance_types'), quantity: count * HOURS },
      { part: 'Kubernetes', price: 'gp3 volume', quantity: count * gib },
    ];
  }),
];

const zones = (isDouble: boolean): string => (isDouble ? 'two zones' : 'one zone');

const stores = (all: Blocks): CostLine[] => [
  ...all('aws_msk_cluster').flatMap((cluster) => {
    const count = numberAt(cluster, 'number_of_broker_nodes');
    const info = 'broker_node_group_info';
    const gib = numberAt(cluster, `${info}.storage_info.ebs_storage_info.volume_size`);
    return [
      { part: 'Kafka', price: textAt(cluster.body, `${info}.instance_type`), quantity: count * HOURS },
      { part: 'Kafka', price: 'MSK volume', quantity: count * gib },
    ];
  }),
  ...all('aws_db_instance').flatMap((database) => {
    const where = zones(valueAt(database.body, 'multi_az') === true);
    const part = 'Postgres of the services';
    return [
      { part, price: `${textAt(database.body, 'instance_class')} in ${where}`, quantity: HOURS },
      { part, price: `RDS volume in ${where}`, quantity: numberAt(database, 'allocated_storage') },
    ];
  }),
];

const google = (all: Blocks): CostLine[] => [
  ...all('google_sql_database_instance').flatMap(({ body }) => {
    const [, processors = '', mib = ''] = /^db-custom-(\d+)-(\d+)$/.exec(textAt(body, 'settings.tier')) ?? [];
    const copies = textAt(body, 'settings.availability_type') === 'REGIONAL' ? 2 : 1;
    const part = 'Postgres of the analytics';
    return [
      { part, price: 'Cloud SQL processor', quantity: Number(processors) * copies * HOURS },
      { part, price: 'Cloud SQL memory', quantity: (Number(mib) / 1_024) * copies * HOURS },
      { part, price: 'Cloud SQL disk', quantity: Number(valueAt(body, 'settings.disk_size')) * copies },
    ];
  }),
  ...all('google_cloud_run_v2_worker_pool').flatMap(({ body }) => {
    const count = Number(valueAt(body, 'scaling.manual_instance_count'));
    const limits = 'template.containers.resources.limits';
    const part = 'Analytics worker';
    return [
      {
        part,
        price: 'worker pool processor',
        quantity: count * Number(valueAt(body, `${limits}.cpu`)) * SECONDS,
      },
      {
        part,
        price: 'worker pool memory',
        quantity: count * Number.parseFloat(textAt(body, `${limits}.memory`)) * SECONDS,
      },
    ];
  }),
  ...all('google_dataproc_cluster').flatMap(({ body }) =>
    ['master_config', 'worker_config'].flatMap((role) => {
      const type = textAt(body, `cluster_config.${role}.machine_type`);
      const processors =
        Number(/\d+$/.exec(type)?.[0]) * Number(valueAt(body, `cluster_config.${role}.num_instances`));
      return [
        { part: 'Flink', price: type.replace(/-\d+$/, ''), quantity: processors * HOURS },
        { part: 'Flink', price: 'Dataproc', quantity: processors * HOURS },
      ];
    }),
  ),
];

const small = (all: Blocks): CostLine[] => [
  ...monthly(all, 'aws_kms_key', 'Keys, secrets, alarms', 'KMS key on AWS'),
  ...monthly(all, 'aws_secretsmanager_secret', 'Keys, secrets, alarms', 'secret on AWS'),
  ...monthly(all, 'aws_cloudwatch_metric_alarm', 'Keys, secrets, alarms', 'alarm'),
  ...monthly(all, 'aws_route53_zone', 'Way in', 'hosted zone'),
  ...monthly(all, 'aws_wafv2_web_acl', 'Way in', 'WAF web ACL'),
  ...all('aws_wafv2_web_acl').map(({ body }) => ({
    part: 'Way in',
    price: 'WAF rule',
    quantity: listAt(body, 'rule').length,
  })),
];
