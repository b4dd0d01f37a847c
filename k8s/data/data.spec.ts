// What the room of the data renders: for a laptop alone, without a secret in it, and again when and only when something changes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { App } from 'cdk8s';
import { parse } from 'yaml';
import { SECRETS } from '#contracts/deployed-settings.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { NAMESPACES } from '../namespaces.ts';
import { readOverlays } from '../overlays.ts';
import { Part } from '../part.ts';
import { S3_BROWSER_URL, S3_NODE_PORT, S3_PORT } from './addresses.ts';
import { PLACES, ROLES } from './databases.ts';
import { networkPolicyOf } from './network.ts';
import { dataParts } from './parts.ts';
import type { Program } from './pod.ts';
import { WANTED_SECRETS } from './secrets.ts';
import { WAYS, type Way } from './ways.ts';
import { Task } from './workloads.ts';

const [local, aws] = readOverlays();

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
const objects = (): Rendered[] => dataParts(new App(), local!).flatMap((part) => part.toJson() as Rendered[]);

describe('the stand-ins', () => {
  it('are for a laptop alone', () => {
    expect(objects().length).toBeGreaterThan(40);
    expect(dataParts(new App(), aws!)).toEqual([]);
  });

  it('hold no secret', () => {
    expect(objects().filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(JSON.stringify(objects())).not.toMatch(/postgres:\/\/\w+:[^{]/);
  });
});

it('the port of a browser leads to S3 in a cluster of kind.yaml', () => {
  const { nodes } = parse(readFileSync(join(import.meta.dirname, 'kind.yaml'), 'utf8')) as {
    nodes: { extraPortMappings: object[] }[];
  };
  expect(nodes.flatMap(({ extraPortMappings }) => extraPortMappings)).toEqual([
    { containerPort: S3_NODE_PORT, hostPort: S3_PORT, listenAddress: '127.0.0.1' },
  ]);
  expect(S3_BROWSER_URL).toBe(`http://127.0.0.1:${S3_PORT}`);
});

describe('a task', () => {
  const program: Program = {
    pods: { namespace: 'data', name: 'topics' },
    image: 'one:1',
    size: { cpuRequest: '1m', memoryRequest: '1Mi', memoryLimit: '1Mi', ephemeralStorage: '1Mi' },
  };
  const nameOf = (change: Partial<Program> = {}): string => {
    if (local?.kind !== 'local') throw new Error('no laptop');
    const part = new Part(new App(), 'part', {
      overlay: local,
      project: 'data',
      wave: 'data',
      namespace: 'data',
    });
    new Task(part, 'task', { program: { ...program, ...change } });
    return (part.toJson() as Rendered[]).find(({ kind }) => kind === 'Job')!.metadata.name;
  };

  it('has one name for one content, which names its owner', () => {
    expect(nameOf()).toBe(nameOf());
    expect(nameOf()).toMatch(/^topics-[0-9a-f]{10}$/);
  });

  it.each<[string, Partial<Program>]>([
    ['another image', { image: 'one:2' }],
    ['another setting', { env: { A: 'b' } }],
    ['another input', { input: 'another' }],
    ['another size', { size: { ...program.size, memoryLimit: '2Mi' } }],
  ])('is another one with %s: Kubernetes changes no Job', (_what, change) => {
    expect(nameOf(change)).not.toBe(nameOf());
  });
});

describe('the places in Postgres', () => {
  it('are each process’s own: no role and no schema stands twice', () => {
    expect(new Set(ROLES).size).toBe(ROLES.length);
    for (const places of Object.values(PLACES)) {
      const schemas = places.map(({ schema }) => schema);
      expect(new Set(schemas).size).toBe(schemas.length);
    }
  });
});

describe('the secrets', () => {
  const keysOf = (name: string): string[] =>
    Object.keys(WANTED_SECRETS.find((one) => one.name === name)?.values ?? {});

  it.each(SERVICES.map(({ name }) => name))('let %s reach its database', (name) => {
    expect(keysOf(`${name}-secrets`)).toContain('DATABASE_URL');
  });

  it('hold everything that the contract calls generated, and nothing that a person must provide', () => {
    const settings = (who: string): string[] =>
      Object.values(SECRETS).flatMap((one) => Object.keys(one).filter((setting) => one[setting] === who));
    const made = WANTED_SECRETS.filter(({ namespace }) => namespace === NAMESPACES.shop).flatMap(
      ({ values }) => Object.keys(values),
    );
    expect(settings('generated').length).toBeGreaterThan(0);
    expect(made).toEqual(expect.arrayContaining(settings('generated')));
    expect(made.filter((setting) => settings('given').includes(setting))).toEqual([]);
  });

  it('name each other only backwards', () => {
    const before = new Set<string>();
    for (const { namespace, name, values } of WANTED_SECRETS) {
      const named = [...JSON.stringify(values).matchAll(/\{([\w./-]+\/[\w./-]+\/[\w./-]+)\}/g)].map(
        ([, one]) => one!,
      );
      expect(named.filter((one) => !before.has(one))).toEqual([]);
      for (const key of Object.keys(values)) before.add(`${namespace}/${name}/${key}`);
    }
  });
});

describe('a network policy', () => {
  const kafka = { namespace: 'data', name: 'kafka' } as const;
  const stranger: Way = { from: { namespace: 'load', name: 'stranger' }, to: kafka, ports: [1] };
  const sources = (ways: readonly Way[]): string => JSON.stringify(networkPolicyOf(kafka, ways).spec.ingress);

  it('lets in the callers that the ways name, and no others', () => {
    for (const { name } of SERVICES) expect(sources(WAYS)).toContain(`"${name}"`);
    expect(sources(WAYS)).not.toContain('stranger');
    expect(sources([...WAYS, stranger])).toContain('stranger');
    expect(sources([])).toBe('[]');
  });

  it('lets nothing out that opens no connection, not even to ask for names', () => {
    expect(networkPolicyOf(kafka).spec.egress).toEqual([]);
    expect(networkPolicyOf({ namespace: 'data', name: 'topics' }).spec.egress).toHaveLength(2);
  });
});
