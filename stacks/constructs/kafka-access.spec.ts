import { describe, expect, it } from '@jest/globals';
import { App, TerraformOutput, TerraformStack, Testing } from 'cdktf';
import type { Process } from '#contracts/process.ts';
import { PROCESSES, platformConsole } from '#contracts/processes.ts';
import { TOPICS } from '#contracts/topics.ts';
import { kafkaStatements } from './kafka-access.ts';

const CLUSTER = 'arn:aws:kafka:eu-central-1:111122223333:cluster/shop-kafka/0000';

/** Actions of each resource, as Terraform gets them; resources by their kind and name. */
function rightsOf(process: Process): Record<string, string[]> {
  const stack = new TerraformStack(new App(), 'stack');
  new TerraformOutput(stack, 'statements', { value: kafkaStatements(process, CLUSTER) });
  const { output } = JSON.parse(Testing.synth(stack)) as {
    output: { statements: { value: { actions: string[]; resources: string[] }[] } };
  };
  const rights: Record<string, string[]> = {};
  for (const { actions, resources } of output.statements.value)
    for (const resource of resources)
      (rights[shortName(resource)] ??= []).push(...actions.map((action) => action.split(':')[1]!));
  return rights;
}

/** `${replace("<cluster's ARN>", ":cluster/", ":topic/")}/orders` as `topic orders`. */
function shortName(resource: string): string {
  if (resource === CLUSTER) return 'cluster';
  const made = /^\$\{replace\("(.+)", ":cluster\/", ":(.+)\/"\)\}\/(.+)$/.exec(resource);
  expect(made?.[1]).toBe(CLUSTER);
  return `${made?.[2]} ${made?.[3]}`;
}

const readsAndWrites: Process = {
  name: 'pricing',
  runsOn: 'eks',
  port: 4_000,
  consumes: [TOPICS[0]!],
  publishes: [TOPICS[1]!],
  stores: [],
};

describe('the rights of a process on Kafka', () => {
  it('are its topics, its own groups and transactions, and to connect', () => {
    expect(rightsOf(readsAndWrites)).toEqual({
      cluster: ['Connect', 'DescribeCluster', 'WriteDataIdempotently'],
      [`topic ${TOPICS[0]!.name}`]: ['DescribeTopic', 'ReadData'],
      [`topic ${TOPICS[1]!.name}`]: ['DescribeTopic', 'WriteData'],
      'group pricing': ['DescribeGroup', 'AlterGroup'],
      'group pricing-*': ['DescribeGroup', 'AlterGroup'],
      'transactional-id pricing': ['DescribeTransactionalId', 'AlterTransactionalId'],
      'transactional-id pricing-*': ['DescribeTransactionalId', 'AlterTransactionalId'],
    });
  });

  it('are no group and no transaction for one that only publishes', () => {
    const rights = rightsOf({ ...readsAndWrites, consumes: [] });
    expect(Object.keys(rights)).toEqual(['cluster', `topic ${TOPICS[1]!.name}`]);
  });

  it('are no writing for one that only consumes', () => {
    const rights = rightsOf({ ...readsAndWrites, publishes: [] });
    expect(
      Object.values(rights)
        .flat()
        .filter((action) => /Write|Transactional/.test(action)),
    ).toEqual([]);
  });

  it('of the console are to read in its own groups and to ask for positions: it writes and commits nothing', () => {
    const rights = rightsOf(platformConsole);
    const actions = new Set(Object.values(rights).flat());
    expect(
      [...actions].filter((action) => /Write|Transactional|Create|Delete|AlterTopic/.test(action)),
    ).toEqual([]);
    const altered = Object.keys(rights).filter((key) => rights[key]!.includes('AlterGroup'));
    expect(altered).toEqual(['group console', 'group console-*']);
    expect(rights['group order']).toEqual(['DescribeGroup']);
    expect(rights['topic user.registered']).toEqual(['DescribeTopic']);
    expect(rights['topic order.placed']).toContain('ReadData');
  });

  it.each(PROCESSES.map((process) => [process.name, process] as const))(
    'of %s name each topic of its contract and no other',
    (_name, process) => {
      const rights = rightsOf(process);
      const topicsWith = (action: string) =>
        Object.keys(rights).filter((key) => key.startsWith('topic ') && rights[key]!.includes(action));
      const named = (topics: readonly { readonly name: string }[]) =>
        topics.map(({ name }) => `topic ${name}`);
      expect(topicsWith('ReadData')).toEqual(named(process.looksAt?.topics ?? process.consumes));
      expect(topicsWith('WriteData')).toEqual(named(process.publishes));
    },
  );
});
