// The overlay of a laptop with the one engine and with the other: what differs, and that either is as sound as what is in Git.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Engine, type LocalOverlay, readOverlays } from '../../k8s/overlays.ts';
import { partsOf } from '../../k8s/parts.ts';
import { filesOf, writeFiles } from '../../k8s/write.ts';
import { at, Content, nameOf, type Placed, readContent } from './content.ts';
import { faultsOf, lineOf } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { unwaived } from './rules/waivers.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'engines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const committed = readOverlays().find((one): one is LocalOverlay => one.kind === 'local')!;

function contentWith(analyticsEngine: Engine): Content {
  const name = `local-${analyticsEngine}`;
  const overlay: LocalOverlay = { ...committed, analyticsEngine };
  writeFiles(join(folder, name), filesOf(committed.name, partsOf(overlay)));
  const { placed } = readContent(join(folder, name), committed.name);
  // Rules read the lock of images beside the overlay.
  return new Content(committed.name, ROOT, placed);
}
const [node, flink] = [contentWith('node'), contentWith('flink')];

/** Without the hash of a task. */
const keyOf = ({ object }: Placed): string => nameOf(object).replace(/-[0-9a-f]{10}$/, '');

/** Fields that differ, and objects that one of both has. */
function differences(one: Content, other: Content): string[] {
  const [before, after] = [one, other].map(
    ({ placed }) => new Map(placed.map((each) => [keyOf(each), each.object as object])),
  );
  return [...new Set([...before!.keys(), ...after!.keys()])].flatMap((key) =>
    fieldsThatDiffer(before!.get(key), after!.get(key)).map((field) => `${key}${field}`),
  );
}

function fieldsThatDiffer(one: unknown, other: unknown): string[] {
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other)
    return one === other ? [] : [`: ${one ? 'there' : String(one)} -> ${other ? 'there' : String(other)}`];
  const [before, after] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) =>
    fieldsThatDiffer(before.get(key), after.get(key)).map((rest) => `.${key}${rest}`),
  );
}

const valueOf = (content: Content, kind: string, name: string, field: string): unknown =>
  at(content.find(kind, 'analytics', name)!.object, field);
const awake = (content: Content) => ({
  jobManagers: valueOf(content, 'StatefulSet', 'flink-jobmanager', 'spec.replicas'),
  taskManagers: valueOf(content, 'Deployment', 'flink-taskmanager', 'spec.replicas'),
  isSuspended: valueOf(content, 'CronJob', 'flink-trigger', 'spec.suspend'),
});

describe('the engine of a laptop', () => {
  it('is Node in Git: Flink is there and sleeps', () => {
    expect(committed.analyticsEngine).toBe('node');
    expect(awake(node)).toEqual({ jobManagers: 0, taskManagers: 0, isSuspended: true });
  });

  it('is Flink by one value, which wakes it', () => {
    expect(awake(flink)).toEqual({ jobManagers: 1, taskManagers: 1, isSuspended: false });
  });

  it('changes nothing else but the task that hands the images back, and its room', () => {
    const fields = differences(node, flink).map((line) =>
      // Whole gibibytes: a task more may be none of them.
      line.replace(/:.*/, '').replace(/(?<=^ResourceQuota analytics\/together)\.spec\.hard\..*/, ''),
    );
    expect([...new Set(fields)].toSorted()).toEqual([
      'CronJob analytics/flink-trigger.spec.suspend',
      'Deployment analytics/flink-taskmanager.spec.replicas',
      'Job analytics/back-to-node',
      'NetworkPolicy analytics/back-to-node',
      'ResourceQuota analytics/together',
      'ServiceAccount analytics/back-to-node',
      'StatefulSet analytics/flink-jobmanager.spec.replicas',
    ]);
  });

  it('negative control: another difference is seen', () => {
    const other = flink.copy();
    const limit = other.find('ResourceQuota', 'analytics', 'together')!.object.spec as { hard: object };
    limit.hard = { pods: '1' };
    expect(differences(flink, other)).toContainEqual(
      expect.stringContaining('ResourceQuota analytics/together'),
    );
    expect(differences(flink, flink.copy())).toEqual([]);
  });

  it.each([
    ['node', node],
    ['flink', flink],
  ])('breaks no rule as %s', (_engine, content) => {
    expect(RULES.flatMap((rule) => unwaived(faultsOf(rule, content)).map(lineOf))).toEqual([]);
  });
});

const waveOf = (content: Content, kind: string, name: RegExp): number => {
  const { object } = content.all(kind).find((each) => name.test(nameOf(each.object)))!;
  return Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
};

it('on the way back first the schedule sleeps, then the images are handed back, and Flink sleeps last', () => {
  const waves = [
    waveOf(node, 'CronJob', /flink-trigger/),
    waveOf(node, 'Job', /back-to-node/),
    waveOf(node, 'StatefulSet', /flink-jobmanager/),
    waveOf(node, 'Deployment', /flink-taskmanager/),
  ];
  expect(waves).toEqual([0, 1, 2, 2]);
});

it('a sleeping Flink leaves no unused claim, for which Argo CD would wait', () => {
  expect(node.all('PersistentVolumeClaim').map(({ object }) => nameOf(object))).toEqual([]);
});
