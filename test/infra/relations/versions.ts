// Which versions the platform names, of which products: every literal under a name that ends in "version" is one, unless it is listed
// here what it is instead.
import { type Product, supportOf, VERSIONS } from '../../../stacks/versions.ts';
import type { Block } from '../blocks.ts';
import { leavesOf, textAt } from '../body.ts';
import type { Model } from '../model.ts';

/** A version whose vendor ends its support. */
export interface NamedVersion {
  readonly address: string;
  readonly product: string;
  readonly version: string;
}

/** By type and attribute. */
const PRODUCTS: Readonly<Record<string, Product>> = {
  'aws_db_instance.engine_version': 'RDS for PostgreSQL',
  'aws_eks_cluster.version': 'EKS',
  'aws_eks_node_group.version': 'EKS',
  'aws_msk_cluster.kafka_version': 'MSK',
  'aws_msk_configuration.kafka_versions': 'MSK',
  'data.aws_eks_addon_version.kubernetes_version': 'EKS',
  'aws_lambda_function.runtime': 'Lambda runtime',
  'google_sql_database_instance.database_version': 'Cloud SQL',
  'google_dataproc_cluster.image_version': 'Dataproc image',
};

/** Names that end in "version", and have no end of support. */
const NO_PRODUCT: readonly RegExp[] = [
  // Counters: the next number makes another secret.
  /\.(secret_data|password|secret_string)_wo_version$/,
  // Protocols.
  /^aws_vpn_connection\.tunnel\d_ike_versions$/,
  /^aws_cloudfront_distribution\.(http_version|minimum_protocol_version)$/,
  /^provider\.helm\.api_version$/,
  // Which version of a secret: the latest.
  /^google_cloud_run_v2_worker_pool\.version$/,
  // Terraform's own, and its providers', which the lock file pins; an installed one has no end of support.
  /^terraform\./,
  /^aws_s3_bucket_versioning\./,
];

const VERSION_KEY = /(^|_)versions?$|^runtime$/;

/** Literals only: an expression takes its value from a block that is read itself. */
export const namedVersions = (model: Model): NamedVersion[] =>
  model.blocks.flatMap((block) =>
    leavesOf(block.body)
      .filter(({ key, text }) => VERSION_KEY.test(key) && !text.includes('${'))
      .flatMap(({ key, text }) => namedVersion(block, key, text)),
  );

function namedVersion({ type, address, body }: Block, key: string, version: string): NamedVersion[] {
  const place = `${type}.${key}`;
  if (NO_PRODUCT.some((one) => one.test(place))) return [];
  const product = type === 'helm_release' ? `chart ${textAt(body, 'chart')}` : (PRODUCTS[place] ?? place);
  return [{ address, product, version }];
}

/** Versions that are missing in stacks/versions.ts. */
export const unknownVersions = (found: readonly NamedVersion[]): string[] =>
  found
    .filter(({ product, version }) => !(product in VERSIONS && supportOf(product as Product, version)))
    .map(({ address, product, version }) => `${address}: ${product} ${version} has no row`);
