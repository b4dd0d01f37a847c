// A process that is new in the contract, and nowhere else: what the cluster then has of it without another line. The checkout is copied, the
// contract's text changed as a developer would change it, the manifests are written there, and every rule is asked there.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, type Content, overlaysIn, readContent } from './content.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAME = 'wishlist';
const PORT = 4017;
const NOT_SOURCES = new Set(['node_modules', '.git', '.cache', '.local', 'dist', 'cdktf.out']);

let checkout: string;
let contents: Content[];
const overlays = join('k8s', 'overlays');

const edit = (path: string, change: (text: string) => string): void => {
  const before = readFileSync(join(checkout, path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path} is not written as this spec expects`);
  writeFileSync(join(checkout, path), after);
};
const run = (...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: checkout, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'new-process-'));
  cpSync(ROOT, checkout, { recursive: true, filter: (path) => !NOT_SOURCES.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'), 'dir');
  edit('contracts/shop-processes.ts', (text) =>
    text.replace(
      /^export const SERVICES: readonly Process\[\] = \[$/m,
      `const newService = service('${NAME}', ${PORT}, [productChanged], [notificationSent]);\n$&\n  newService,`,
    ),
  );
  // What `npm run build:images -- --lock` writes.
  edit('k8s/images.lock.json', (text) =>
    JSON.stringify({ ...(JSON.parse(text) as object), [NAME]: { tag: '0123456789abcdef' } }, undefined, 2),
  );
  run('k8s/main.ts');
  contents = overlaysIn(join(checkout, overlays)).map((name) => readContent(join(checkout, overlays), name));
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const has = (content: Content, kind: string, name = NAME): boolean =>
  content.all(kind).some(({ object }) => object.metadata.name === name);
const missing = (content: Content, kinds: readonly string[]): string[] =>
  kinds.filter((kind) => !has(content, kind));
const textOf = (content: Content, kind: string): string =>
  content
    .all(kind)
    .map(({ object }) => JSON.stringify(object))
    .join('\n');

describe('a process that is new in the contract', () => {
  it('has its workload, account, Service, settings, policy, budget and Application in every overlay', () => {
    const kinds = [
      'Deployment',
      'ServiceAccount',
      'Service',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Application',
    ];
    expect(contents.map((content) => [content.overlay, missing(content, kinds)])).toEqual(
      contents.map(({ overlay }) => [overlay, []]),
    );
    expect(contents.filter((content) => !has(content, 'ConfigMap', `${NAME}-settings`))).toEqual([]);
  });

  it('is scaled, by its lag where a scaler can read it', () => {
    for (const content of contents) {
      const scalers = content
        .all('HorizontalPodAutoscaler', 'ScaledObject')
        .filter(({ object }) => at(object, 'spec.scaleTargetRef.name') === NAME);
      expect(scalers.map(({ object }) => `${content.overlay} ${object.kind}`)).toHaveLength(1);
    }
  });

  it('is read by Prometheus in every overlay', () => {
    for (const content of contents.filter(({ overlay }) => overlay !== 'local'))
      expect(`${content.overlay} ${has(content, 'ServiceMonitor')}`).toBe(`${content.overlay} true`);
    // A laptop's Prometheus reads each Service's port of that name; the policies are judged below.
    const service = contents.find(({ overlay }) => overlay === 'local')!.find('Service', 'shop', NAME)!;
    expect(at(service.object, 'spec.ports')).toContainEqual(expect.objectContaining({ name: 'metrics' }));
  });

  it('has an alert for when it is gone, and is on the boards, in every overlay', () => {
    for (const content of contents) {
      const rules = textOf(content, 'PrometheusRule') + textOf(content, 'ConfigMap');
      expect(`${content.overlay} ${new RegExp(`process=.{1,4}${NAME}`).test(rules)}`).toBe(
        `${content.overlay} true`,
      );
      // The board of services has one row for whichever process is chosen, and offers those that report metrics.
      expect(textOf(content, 'ConfigMap')).toMatch(/label_values\(process_start_time_seconds, process\)/);
    }
  });

  it('has a user of its own in Postgres, whose password the cluster makes', () => {
    const local = contents.find(({ overlay }) => overlay === 'local')!;
    expect(textOf(local, 'ConfigMap')).toContain(`${NAME}-secrets`);
    expect(textOf(local, 'ConfigMap')).toContain(`${NAME}_service`);
  });

  it('keeps every rule, the graph of calls among them', () => {
    // It ends with 1 where some other object has a fault, which is another spec's matter.
    const { stdout } = spawnSync(process.execPath, ['test/k8s/judge.cli.ts'], {
      cwd: checkout,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(stdout).toMatch(/^local: \d+ objects/m);
    expect(stdout).not.toMatch(new RegExp(`^.*${NAME}.*\\[[a-z-]+\\]$`, 'm'));
  });
});

describe('negative control: without the new line in the contract', () => {
  it('nothing of it is there', () => {
    const committed = readContent(join(ROOT, overlays), 'local');
    expect(committed.placed.filter(({ object }) => object.metadata.name.includes(NAME))).toEqual([]);
  });
});
