// Amazon EKS: who reaches the API, what is encrypted and logged, which version.
import { VERSIONS } from '../../../stacks/versions.ts';
import { listAt, putAt, valueAt } from '../body.ts';
import { attributeRule, first, isOwnKey, type Rule } from './rule.ts';

const CLUSTER = 'aws_eks_cluster';
const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];

/** A version whose standard support ends is upgraded by AWS itself; that none has ended, `versions.spec.ts` sees to. */
const SUPPORTED_VERSIONS = Object.keys(VERSIONS.EKS);

const isPublic = (body: unknown): boolean => valueAt(body, 'vpc_config.endpoint_public_access') !== false;

export const awsKubernetes: readonly Rule[] = [
  {
    id: 'CKV_AWS_38',
    title: 'does not open its API to everybody',
    types: [CLUSTER],
    check({ body }) {
      if (!isPublic(body)) return undefined;
      const ranges = listAt(body, 'vpc_config.public_access_cidrs');
      // AWS takes no list for 0.0.0.0/0.
      return ranges.length === 0 || ranges.includes('0.0.0.0/0') ? 'everybody reaches its API' : undefined;
    },
    breaks: [['0.0.0.0/0'], undefined].map((ranges) => (model) => {
      const { body } = first(model, CLUSTER);
      Object.assign(Object(valueAt(body, 'vpc_config')), {
        endpoint_public_access: true,
        public_access_cidrs: ranges,
      });
    }),
    alsoBreaks: ['CKV_AWS_39'],
  },
  attributeRule({
    id: 'CKV_AWS_39',
    title: 'is on the internet only for ranges that the settings name',
    type: CLUSTER,
    path: 'vpc_config.endpoint_public_access',
    wanted: (value, _block, { settings }) => value === settings.aws.eks.publicApiRanges.length > 0,
    bad: true,
    alsoBreaks: ['CKV_AWS_38'],
  }),
  {
    id: 'CKV_AWS_58',
    title: 'encrypts secrets by a key of ours',
    types: [CLUSTER],
    check(block, model) {
      if (!listAt(block.body, 'encryption_config.resources').includes('secrets'))
        return 'secrets are not encrypted by KMS';
      return isOwnKey('encryption_config.provider.key_arn')(undefined, block, model)
        ? undefined
        : 'the key is not ours';
    },
    breaks: [
      (model) => putAt(first(model, CLUSTER).body, 'encryption_config.resources', []),
      (model) => putAt(first(model, CLUSTER).body, 'encryption_config.provider.key_arn', null),
    ],
  },
  {
    id: 'CKV_AWS_37',
    title: 'logs everything its control plane can log',
    types: [CLUSTER],
    check({ body }) {
      const on = listAt(body, 'enabled_cluster_log_types');
      const off = LOG_TYPES.filter((type) => !on.includes(type));
      return off.length > 0 ? `it does not log ${off.join(', ')}` : undefined;
    },
    breaks: (model) => {
      first(model, CLUSTER).body.enabled_cluster_log_types = LOG_TYPES.filter((type) => type !== 'audit');
    },
  },
  attributeRule({
    id: 'CKV_AWS_339',
    title: 'is of a version in standard support',
    type: CLUSTER,
    path: 'version',
    wanted: SUPPORTED_VERSIONS,
    bad: '1.30',
  }),
  attributeRule({
    id: 'SHOP_EKS_1',
    title: 'knows people by access entries, not by a config map',
    type: CLUSTER,
    path: 'access_config.authentication_mode',
    wanted: 'API',
    bad: 'CONFIG_MAP',
  }),
];
