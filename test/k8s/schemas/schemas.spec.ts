// Every object of every overlay against the schema of its kind, unknown fields refused; and broken objects against the same.
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readEnvironment } from '../../../stacks/environments/environments.ts';
import { ENVIRONMENTS } from '../../../stacks/settings.ts';
import { tellReporter } from '../../runner/to-reporter.ts';
import {
  type KubeObject,
  nameOf,
  OVERLAYS_FOLDER,
  overlaysIn,
  type Placed,
  readContent,
} from '../content.ts';
import { findValidator, schemaFaults } from './kubernetes-validate.ts';
import { modelFaults } from './models.ts';
import { staleFields, unexcused } from './newer-fields.ts';
import { typeFaults } from './strict-types.ts';

/** The clusters of AWS give the version, and a laptop's cluster is not older. */
const VERSIONS = [...new Set(ENVIRONMENTS.map((name) => readEnvironment(name).aws.eks.version))];
const PLACED = overlaysIn(OVERLAYS_FOLDER).flatMap((name) => readContent(OVERLAYS_FOLDER, name).placed);

/** What overlays have in common is judged once. */
const OBJECTS = [...new Map(PLACED.map((placed) => [JSON.stringify(placed.object), placed])).values()];

type Fields = Record<string, unknown>;
const first = (kind: string): Placed => structuredClone(OBJECTS.find(({ object }) => object.kind === kind)!);
function broken(kind: string, change: (spec: Fields, object: KubeObject) => void): Placed {
  const placed = first(kind);
  change(placed.object.spec as Fields, placed.object);
  return placed;
}

const UNKNOWN = [
  broken('Deployment', (spec) => void (spec.replica = 3)),
  broken('ScaledObject', (spec) => void (spec.maxReplicas = 3)),
  broken('ExternalSecret', (spec) => void (spec.refreshIntervall = '1h')),
  broken('Application', (spec) => void (spec.projects = 'shop')),
];
const WRONG_TYPES = [
  broken('Deployment', (spec) => void (spec.minReadySeconds = 'soon')),
  broken('ScaledObject', (spec) => void (spec.maxReplicaCount = 'many')),
];
const lines = (faults: ReadonlyMap<Placed, unknown>): string[] =>
  [...faults].map(([{ file, object }, text]) => `${file} (${nameOf(object)}): ${String(text)}`);

describe('models', () => {
  it('know each kind, and find each object as it should be', async () => {
    const faults = await Promise.all(
      OBJECTS.map(async (placed) => [placed, await modelFaults(placed)] as const),
    );
    expect(lines(new Map(faults.filter(([, found]) => found.length > 0)))).toEqual([]);
  });

  it.each(WRONG_TYPES.map((placed) => [placed.object.kind, placed] as const))(
    'negative control: report a %s with a wrong type',
    async (_kind, placed) => {
      expect(await modelFaults(placed)).not.toEqual([]);
    },
  );

  it('negative control: report an unknown kind', async () => {
    const placed = broken('Deployment', (_spec, object) => void (object.kind = 'Deploymint'));
    expect(await modelFaults(placed)).toEqual(['no model knows apps/v1 Deploymint']);
    const foreign = broken('Deployment', (_spec, object) => void (object.apiVersion = 'example.org/v1'));
    expect(await modelFaults(foreign)).toEqual(['no model knows example.org/v1 Deployment']);
  });
});

describe('types', () => {
  let faults: ReadonlyMap<Placed, readonly string[]>;
  beforeAll(() => {
    faults = typeFaults([...OBJECTS, ...UNKNOWN, ...WRONG_TYPES]);
  });

  it('know each field of each object', () => {
    const ofReal = new Map([...faults].filter(([placed]) => OBJECTS.includes(placed)));
    expect(lines(unexcused(ofReal))).toEqual([]);
    expect(staleFields(ofReal)).toEqual([]);
  });

  it.each(UNKNOWN.map((placed) => [placed.object.kind, placed] as const))(
    'negative control: report a %s with an unknown field',
    (_kind, placed) => {
      expect(faults.get(placed)?.join('\n')).toMatch(/known properties/);
    },
  );

  it.each(WRONG_TYPES.map((placed) => [placed.object.kind, placed] as const))(
    'negative control: report a %s with a wrong type',
    (_kind, placed) => {
      expect(faults.get(placed)?.join('\n')).toMatch(/not assignable/);
    },
  );
});

const validator = findValidator();
if ('missing' in validator) {
  const line = `Kubernetes' own schemas were NOT ASKED about the manifests: ${validator.missing}`;
  tellReporter({ isFailure: false, text: line });
  describe('Kubernetes’ own schemas', () => it.todo(line));
} else {
  describe.each(VERSIONS)('Kubernetes’ own schemas, version %s', (version) => {
    const ofKubernetes = [UNKNOWN[0]!, WRONG_TYPES[0]!];
    let faults: ReadonlyMap<Placed, string>;
    beforeAll(() => {
      faults = schemaFaults(validator, version, [...OBJECTS, ...ofKubernetes]);
    });

    it('know each field of each object', () => {
      expect(lines(new Map([...faults].filter(([placed]) => OBJECTS.includes(placed))))).toEqual([]);
    });

    it('negative control: report an unknown field and a wrong type', () => {
      expect(ofKubernetes.map((placed) => faults.get(placed))).toEqual([
        expect.stringContaining('replica'),
        expect.stringContaining('soon'),
      ]);
    });
  });
}
