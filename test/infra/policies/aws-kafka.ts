// Amazon MSK: encrypted, private, logged, no access without an identity.
import { putAt, removeAt, valueAt } from '../body.ts';
import { attributeRule, first, isOwnKey, type Rule } from './rule.ts';

const CLUSTER = 'aws_msk_cluster';
const LOGS = ['cloudwatch_logs', 'firehose', 's3'].map((to) => `logging_info.broker_logs.${to}.enabled`);
const AT_REST = 'encryption_info.encryption_at_rest_kms_key_arn';
const IN_TRANSIT = 'encryption_info.encryption_in_transit';

export const awsKafka: readonly Rule[] = [
  {
    id: 'CKV_AWS_81',
    title: 'is encrypted at rest by a key of ours, and by TLS in transit',
    types: [CLUSTER],
    check(block, model) {
      if (!isOwnKey(AT_REST)(undefined, block, model)) return 'no key of ours encrypts the volumes';
      if (valueAt(block.body, `${IN_TRANSIT}.client_broker`) !== 'TLS') return 'clients may talk without TLS';
      // Without the argument AWS encrypts between brokers, but a plan does not show it.
      return valueAt(block.body, `${IN_TRANSIT}.in_cluster`) === true
        ? undefined
        : 'brokers may talk without TLS';
    },
    breaks: [
      (model) => removeAt(first(model, CLUSTER).body, AT_REST),
      (model) => putAt(first(model, CLUSTER).body, `${IN_TRANSIT}.client_broker`, 'TLS_PLAINTEXT'),
      (model) => putAt(first(model, CLUSTER).body, `${IN_TRANSIT}.in_cluster`, false),
    ],
  },
  {
    id: 'CKV_AWS_80',
    title: 'sends its brokers’ logs somewhere',
    types: [CLUSTER],
    check: ({ body }) =>
      LOGS.some((path) => valueAt(body, path) === true) ? undefined : 'its brokers’ logs go nowhere',
    breaks: (model) => {
      delete first(model, CLUSTER).body.logging_info;
    },
  },
  attributeRule({
    id: 'CKV_AWS_291',
    title: 'is not on the internet',
    type: CLUSTER,
    path: 'broker_node_group_info.connectivity_info.public_access.type',
    wanted: (type) => type === undefined || type === 'DISABLED',
    bad: 'SERVICE_PROVIDED_EIPS',
  }),
  attributeRule({
    id: 'SHOP_MSK_1',
    title: 'serves no client without an identity',
    type: CLUSTER,
    path: 'client_authentication.unauthenticated',
    wanted: false,
    bad: true,
  }),
  attributeRule({
    id: 'SHOP_MSK_2',
    title: 'knows its clients by IAM',
    type: CLUSTER,
    path: 'client_authentication.sasl.iam',
    wanted: true,
    bad: false,
  }),
];
