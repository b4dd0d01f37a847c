// Kafka as it is synthesized: who reaches the brokers, their settings, and what creates the topics.
import { describe, expect, it } from '@jest/globals';
import { topicSettings } from '#contracts/topics.ts';
import type { Block } from '../../test/infra/blocks.ts';
import { listAt, textAt, valueAt } from '../../test/infra/body.ts';
import { Model } from '../../test/infra/model.ts';
import { platformOf, SETTINGS } from '../../test/infra/synth.ts';

const model = new Model(platformOf('prod'), SETTINGS.prod);
const one = (type: string): Block => {
  const [found, ...others] = model.all(type).filter(({ stack }) => stack === 'aws');
  expect([found?.type, others]).toEqual([type, []]);
  return found!;
};
const brokerSettings = (): Map<string, string> =>
  new Map(
    textAt(one('aws_msk_configuration').body, 'server_properties')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
const administrator = () =>
  model.all('aws_lambda_function').find(({ name }) => name.startsWith('kafka-topics'))!;

describe('the brokers', () => {
  it('are one in each zone, in subnets without a route to the internet', () => {
    const { body } = one('aws_msk_cluster');
    const subnets = model.targets(
      one('aws_msk_cluster'),
      'broker_node_group_info.client_subnets',
      'aws_subnet',
    );
    expect(body.number_of_broker_nodes).toBe(SETTINGS.prod.aws.zones.length);
    expect(subnets.map(({ name }) => name.split('_')[1])).toEqual(['database', 'database', 'database']);
  });

  it('authenticate a caller by IAM alone', () => {
    expect(valueAt(one('aws_msk_cluster').body, 'client_authentication')).toEqual({
      sasl: { iam: true, scram: false },
      unauthenticated: false,
    });
  });

  it('take the largest record of any contract', () => {
    const largest = Math.max(...topicSettings().map(({ config }) => Number(config['max.message.bytes'])));
    expect(Number(brokerSettings().get('message.max.bytes'))).toBeGreaterThanOrEqual(largest);
  });

  it('acknowledge with one broker away, and never with one alone', () => {
    const settings = brokerSettings();
    const copies = Number(settings.get('default.replication.factor'));
    expect(Number(settings.get('min.insync.replicas'))).toBe(copies - 1);
    expect(Number(settings.get('transaction.state.log.min.isr'))).toBe(copies - 1);
    expect(settings.get('unclean.leader.election.enable')).toBe('false');
    expect(settings.get('auto.create.topics.enable')).toBe('false');
  });

  it('keep the volume that they have grown to', () => {
    expect(listAt(one('aws_msk_cluster').body, 'lifecycle.ignore_changes')).toEqual([
      expect.stringMatching(/volume_size$/),
    ]);
    const target = one('aws_appautoscaling_target').body;
    expect(target.max_capacity).toBe(SETTINGS.prod.aws.kafka.volumeGibMax);
  });

  it('hand on the addresses of their IAM listener', () => {
    const output = model.at('aws/output.kafka_bootstrap_servers')!;
    expect(model.referencesOf(output)).toEqual([
      { address: one('aws_msk_cluster').address, attribute: 'bootstrap_brokers_sasl_iam' },
    ]);
  });

  it('are reached by named security groups only', () => {
    const peers = model
      .companions(
        model.all('aws_security_group').find(({ name }) => name.startsWith('kafka_'))!,
        'aws_vpc_security_group_ingress_rule',
        'security_group_id',
      )
      .filter(({ stack }) => stack === 'aws');
    expect(peers.map(({ name }) => name.replace(/^kafka_|_[0-9A-F]{8}$/g, '')).toSorted()).toEqual([
      'brokers-from-brokers',
      'from-image-renditions',
      'from-kafka-topics',
      'from-nodes',
      'metrics-from-nodes',
    ]);
    expect(peers.filter(({ body }) => body.cidr_ipv4 !== undefined)).toEqual([]);
  });
});

describe('the topics', () => {
  it('are created again at each change of the function or of the contracts, once the brokers are reachable', () => {
    const { body } = model.companions(administrator(), 'aws_lambda_invocation', 'function_name')[0]!;
    expect(Object.keys(body.triggers as object)).toEqual(['code', 'topics']);
    expect(listAt(body, 'depends_on')).toEqual([
      expect.stringMatching(/ingress_rule\.kafka_from-kafka-topics/),
      expect.stringMatching(/egress_rule\.kafka_kafka-topics-to-brokers/),
    ]);
  });

  it('are made by a function that may create no other topic and delete none', () => {
    const [role] = model.targets(administrator(), 'role', 'aws_iam_role');
    const [policy] = model.companions(role!, 'aws_iam_role_policy', 'role');
    const statements = model.statementsAt(policy!, 'policy').filter(({ sid }) => sid === 'KafkaTopics');
    const named = statements.flatMap(({ resources }) => resources.map((arn) => arn.split('}/')[1]));
    expect(named).toEqual(topicSettings().map(({ topic }) => topic));
    const actions = model.statementsAt(policy!, 'policy').flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.startsWith('kafka-cluster:Delete'))).toEqual([]);
  });

  it('get as many copies as the brokers are asked for', () => {
    expect(valueAt(administrator().body, 'environment.variables.KAFKA_REPLICATION_FACTOR')).toBe(
      brokerSettings().get('default.replication.factor'),
    );
  });
});
