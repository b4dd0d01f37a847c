// A small stack, right in every part, that the specs then break in one place each: it shows what Terraform notices here.
import type { StackJson } from '../infra/synth.ts';

/** Two clouds, a data source, an ephemeral value, nested blocks, a set, and a value of another stack. */
export const sampleStack = {
  terraform: {
    required_providers: {
      aws: { source: 'aws', version: '6.25.0' },
      google: { source: 'hashicorp/google', version: '6.50.0' },
      'google-beta': { source: 'hashicorp/google-beta', version: '6.50.0' },
      random: { source: 'hashicorp/random', version: '3.7.2' },
    },
    backend: { s3: { bucket: 'state', key: 'sample.tfstate', region: 'eu-central-1', use_lockfile: true } },
  },
  provider: {
    aws: [{ region: 'eu-central-1', default_tags: [{ tags: { owner: 'platform' } }] }],
    google: [{ project: 'shop-dev-example' }],
    'google-beta': [{ project: 'shop-dev-example' }],
    random: [{}],
  },
  ephemeral: { random_password: { database: { length: 32, special: false } } },
  data: {
    aws_iam_policy_document: {
      trust: {
        statement: [
          {
            sid: 'Lambda',
            actions: ['sts:AssumeRole'],
            principals: [{ type: 'Service', identifiers: ['lambda.amazonaws.com'] }],
          },
        ],
      },
    },
    terraform_remote_state: {
      other: { backend: 's3', config: { bucket: 'state', key: 'other.tfstate', region: 'eu-central-1' } },
    },
  },
  resource: {
    aws_vpc: { network: { cidr_block: '10.0.0.0/16' } },
    aws_subnet: {
      private: {
        vpc_id: '${aws_vpc.network.id}',
        cidr_block: '${cidrsubnet(aws_vpc.network.cidr_block, 4, 2)}',
      },
    },
    aws_iam_role: {
      images: { name: 'images', assume_role_policy: '${data.aws_iam_policy_document.trust.json}' },
    },
    aws_lambda_function: {
      images: {
        function_name: 'images',
        role: '${aws_iam_role.images.arn}',
        vpc_config: [{ subnet_ids: ['${aws_subnet.private.id}'], security_group_ids: [] }],
        depends_on: ['aws_iam_role.images'],
      },
    },
    google_secret_manager_secret_version: {
      database: {
        secret: '${data.terraform_remote_state.other.outputs.secret_id}',
        secret_data_wo: '${ephemeral.random_password.database.result}',
        secret_data_wo_version: 1,
      },
    },
    google_project_service_identity: { sql: { provider: 'google-beta', service: 'sqladmin.googleapis.com' } },
  },
  output: { subnet: { value: '${aws_subnet.private.id}' } },
} as const satisfies StackJson;

type Path = readonly [string, ...string[]];

/** The stack with one value put in, at the end of a path. */
export function withValue(stack: StackJson, path: Path, value: unknown): StackJson {
  const changed = structuredClone(stack) as Record<string, unknown>;
  const last = path.slice(0, -1).reduce((at, key) => (at[key] ??= {}) as Record<string, unknown>, changed);
  last[path.at(-1) ?? ''] = value;
  return changed as unknown as StackJson;
}

/** The stack without what is at the end of a path. */
export const without = (stack: StackJson, path: Path): StackJson =>
  JSON.parse(JSON.stringify(withValue(stack, path, undefined))) as StackJson;
