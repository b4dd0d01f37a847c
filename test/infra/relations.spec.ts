// How the parts of the platform fit together, and the platform fits the programs that run on it.
import { describe, expect, it } from '@jest/globals';
import { QUARANTINE_PREFIX, UPLOAD_PREFIX } from '#contracts/images.ts';
import { analyticsWorker, imageRenditions, PROCESSES } from '#contracts/processes.ts';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { analyticsConfig } from '../../analytics/config.ts';
import { handlerConfig as rolesConfig } from '../../lambda/database-roles/handler.ts';
import { handlerConfig as imageConfig } from '../../lambda/image-renditions/handler.ts';
import { handlerConfig as topicsConfig } from '../../lambda/kafka-topics/handler.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../stacks/settings.ts';
import { listAt, textAt } from './body.ts';
import { Model } from './model.ts';
import { halfRuleFaults, overlapFaults, peerFaults, routedPlaces, strayFaults } from './relations/network.ts';
import {
  googleRolesOf,
  namedBy,
  namesFor,
  programOf,
  statementsOfRole,
  topicNames,
} from './relations/programs.ts';
import { crossings, orderFaults } from './relations/stack-order.ts';
import { platformOf, SETTINGS } from './synth.ts';

const MODELS = Object.fromEntries(
  ENVIRONMENTS.map((name) => [name, new Model(platformOf(name), SETTINGS[name])]),
) as Record<EnvironmentName, Model>;
const copyOf = (model: Model) => new Model(structuredClone(model.json), model.settings);

/** Each program, what it is called where it runs, and the settings that it reads. */
const PROGRAMS = [
  { name: analyticsWorker.name, config: analyticsConfig },
  { name: imageRenditions.name, config: imageConfig },
  { name: 'kafka-topics', config: topicsConfig },
  { name: 'database-roles', config: rolesConfig },
] as const;
const SECRET = 'google_secret_manager_secret';
/** Read by Node itself. */
const OF_NODE = ['NODE_OPTIONS'];

describe.each(ENVIRONMENTS)('the stacks of %s', (environment) => {
  const model = MODELS[environment];

  it('name nothing that does not exist', () => {
    expect(
      model.blocks.flatMap((block) => model.danglingOf(block).map((text) => `${block.address}: ${text}`)),
    ).toEqual([]);
  });

  it('read only stacks that were deployed before, and AWS and Google Cloud never each other', () => {
    expect(crossings(model).length).toBeGreaterThan(0);
    expect(orderFaults(crossings(model))).toEqual([]);
  });

  it('use no address for two places', () => {
    expect(overlapFaults(routedPlaces(model))).toEqual([]);
    expect(strayFaults(model)).toEqual([]);
  });

  it('admit security groups that there are, and ranges of the settings', () => {
    expect(peerFaults(model)).toEqual([]);
  });

  it('let out of one security group what they admit into the other', () => {
    expect(halfRuleFaults(model)).toEqual([]);
  });
});

describe.each(ENVIRONMENTS)('the programs of %s', (environment) => {
  const model = MODELS[environment];

  it.each(PROGRAMS)(
    '$name is given settings that it can start with, and none that it does not know',
    ({ name, config }) => {
      const { variables } = programOf(model, name);
      const given = Object.fromEntries(
        Object.entries(variables).map(([key, value]) => [
          key,
          key === 'DATABASE_URL' ? 'postgres://secret' : String(value),
        ]),
      );
      expect(() => loadConfig(config, given)).not.toThrow();
      expect(Object.keys(given).filter((key) => !(key in config) && !OF_NODE.includes(key))).toEqual([]);
    },
  );

  it.each(PROGRAMS.filter(({ config }) => 'KAFKA_BROKERS' in config))(
    '$name is shown the way to the brokers',
    ({ name }) => {
      const { variables } = programOf(model, name);
      expect(variables).toMatchObject({
        KAFKA_AUTH: 'msk-iam',
        KAFKA_AWS_REGION: model.settings.aws.region,
      });
      const brokers = model.referencesIn(programOf(model, name).block.stack, variables.KAFKA_BROKERS);
      expect(brokers.map(({ attribute }) => attribute)).toEqual(['bootstrap_brokers_sasl_iam']);
    },
  );

  it('runs every process of the contracts', () => {
    const missing = PROCESSES.filter(({ name, runsOn }) => {
      if (runsOn !== 'eks') return !programOf(model, name);
      return !model.all('aws_eks_pod_identity_association').some(({ body }) => body.service_account === name);
    });
    expect(missing).toEqual([]);
  });

  it.each(PROCESSES.filter(({ runsOn }) => runsOn !== 'eks'))(
    '$name may read and write its topics in Kafka, and no others',
    ({ name, consumes, publishes }) => {
      const { role } = programOf(model, name);
      const statements = statementsOfRole(model, role!);
      expect(namesFor(statements, 'kafka-cluster:WriteData')).toEqual(topicNames(publishes));
      expect(namesFor(statements, 'kafka-cluster:ReadData')).toEqual(topicNames(consumes));
      const groups = namesFor(statements, 'kafka-cluster:AlterGroup');
      expect(groups.every((group) => group.startsWith(name))).toBe(true);
      expect(groups.length > 0).toBe(consumes.length > 0);
    },
  );

  it('give the topic administrator the topics of the contracts, and nothing that reads or deletes', () => {
    const statements = statementsOfRole(model, programOf(model, 'kafka-topics').role!);
    const topics = topicSettings().map(({ topic }) => topic);
    expect(namesFor(statements, 'kafka-cluster:CreateTopic')).toEqual(topics.toSorted());
    const actions = statements.flatMap(({ actions }) => actions);
    expect(actions.filter((action) => /^kafka.*(Delete|ReadData|WriteData)/.test(action))).toEqual([]);
  });

  it('give the worker the stores that its process names', () => {
    const program = programOf(model, analyticsWorker.name);
    const at = (variable: string, type: string) => namedBy(model, program, variable, type);
    const [url, bucket] = [at('DATABASE_URL', SECRET)!, at('RESULTS_BUCKET', 'google_storage_bucket')!];
    expect(at('FIRESTORE_DATABASE', 'google_firestore_database')).toBeDefined();
    const [version, ...others] = model.companions(url, 'google_secret_manager_secret_version', 'secret');
    expect(others).toEqual([]);
    const named = model
      .referencesOf(version!)
      .map(({ address, attribute }) => [model.at(address)?.type, attribute]);
    expect(named).toContainEqual(['google_sql_database_instance', 'private_ip_address']);
    expect(named).toContainEqual(['google_sql_database', 'name']);
    const [account] = model.targets(program.block, 'template.service_account', 'google_service_account');
    const roles = googleRolesOf(model, account!);
    expect(roles).toContain('roles/datastore.user');
    expect(roles.filter((role) => role.endsWith(` on ${bucket.address}`))).not.toEqual([]);
  });

  it('let the worker read every secret that it is given, and no other', () => {
    const { block } = programOf(model, analyticsWorker.name);
    const given = model.targets(block, 'template', SECRET).map(({ address }) => address);
    const [account] = model.targets(block, 'template.service_account', 'google_service_account');
    const readable = googleRolesOf(model, account!).flatMap(
      (role) => role.split('secretAccessor on ')[1] ?? [],
    );
    expect(given).not.toEqual([]);
    expect(readable).toEqual(given.toSorted());
  });

  it('make the worker’s token for the audience that the role asks for', () => {
    const { variables, role } = programOf(model, analyticsWorker.name);
    const trust = model.statementsAt(role!, 'assume_role_policy');
    const audiences = trust.flatMap(({ conditions }) =>
      conditions.filter(({ variable }) => variable.endsWith(':oaud')).flatMap(({ values }) => values),
    );
    expect(audiences).toEqual([variables.KAFKA_AWS_AUDIENCE]);
  });

  it('call the image function for uploads only, and never for what it writes', () => {
    const program = programOf(model, imageRenditions.name);
    const [notification, ...others] = model.all('aws_s3_bucket_notification');
    expect(others).toEqual([]);
    const calls = listAt(notification!.body, 'lambda_function');
    expect(calls.map((call) => textAt(call, 'filter_prefix'))).toEqual([UPLOAD_PREFIX]);
    expect(
      model.targets(notification!, 'lambda_function.lambda_function_arn', 'aws_lambda_function'),
    ).toEqual([program.block]);
    const [raw] = model.targets(notification!, 'bucket', 'aws_s3_bucket');
    expect(namedBy(model, program, 'PROCESSED_IMAGES_BUCKET', 'aws_s3_bucket')).not.toBe(raw);
    expect(QUARANTINE_PREFIX.startsWith(UPLOAD_PREFIX)).toBe(false);
    const [permission] = model.companions(program.block, 'aws_lambda_permission', 'function_name');
    expect(notification!.body.depends_on).toContain(`${permission!.type}.${permission!.name}`);
  });
});

describe('negative control: the relations', () => {
  const { prod } = MODELS;

  it('report a name that leads nowhere, in the stack and across', () => {
    const broken = copyOf(prod);
    const [group] = broken.all('aws_security_group');
    broken.remove(group!);
    const output = broken.json.aws.output as Record<string, { sensitive?: boolean }>;
    const [taken] = Object.entries(output).find(([, { sensitive }]) => sensitive)!;
    delete output[taken];
    const model = new Model(broken.json, prod.settings);
    const found = model.blocks.flatMap((block) => model.danglingOf(block));
    expect(found).toContain(group!.address);
    expect(found).toContainEqual(expect.stringContaining(taken));
  });

  it('report a stack that reads a later one, another cloud, or a state that is not kept', () => {
    expect(
      orderFaults([
        { reader: 'gcp', source: 'link' },
        { reader: 'gcp', source: 'aws' },
        { reader: 'link', source: undefined },
        { reader: 'link', source: 'gcp' },
      ]),
    ).toHaveLength(3);
  });

  it('report two places with one address, and an expression where a range belongs', () => {
    expect(
      overlapFaults([
        { address: 'a', range: '10.0.0.0/16' },
        { address: 'b', range: '10.0.5.0/24' },
        { address: 'c', range: '${aws_vpc.x.cidr_block}' },
      ]),
    ).toHaveLength(2);
  });

  it('report a peer that is not ours, and half a rule', () => {
    const broken = copyOf(prod);
    const rule = broken
      .all('aws_vpc_security_group_ingress_rule')
      .find(({ body }) => body.referenced_security_group_id);
    rule!.body.referenced_security_group_id = 'sg-0123456789abcdef0';
    const ranged = broken.all('aws_vpc_security_group_ingress_rule').find(({ body }) => body.cidr_ipv4);
    ranged!.body.cidr_ipv4 = '192.0.2.0/24';
    for (const egress of broken.all('aws_vpc_security_group_egress_rule')) broken.remove(egress);
    const model = new Model(broken.json, prod.settings);
    expect(peerFaults(model)).toHaveLength(2);
    expect(halfRuleFaults(model)).not.toEqual([]);
  });

  it('report a right that a process does not need', () => {
    const statements = [
      {
        sid: 'Write',
        isAllow: true,
        actions: ['kafka-cluster:WriteData'],
        resources: ['${replace(x, ":cluster/", ":topic/")}/payments'],
        principals: [],
        conditions: [],
      },
    ];
    expect(namesFor(statements, 'kafka-cluster:WriteData')).toEqual(['payments']);
    expect(namesFor(statements, 'kafka-cluster:ReadData')).toEqual([]);
  });
});
