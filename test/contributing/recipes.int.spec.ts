// CONTRIBUTING.md as a newcomer follows it: its recipes are followed block by block in a copy of the repository, from a new service to a panel,
// and then all is asked there that the page promises. What the cluster has of a service that is new in the contract is asked there too.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { at, type Content, overlaysIn, readContent } from '../k8s/content.ts';
import { changedText, changeFile, type Recipe, readRecipes } from './recipes.ts';

// A compiler, a linter and a second jest, all at once, and beside whatever else the machine does.
jest.setTimeout(240_000);

const ROOT = join(import.meta.dirname, '../..');
const NAME = 'wishlist';
const NOT_SOURCES = new Set(['node_modules', '.git', '.cache', '.local', 'dist', 'cdktf.out']);
const overlays = join('k8s', 'overlays');
const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const recipes = readRecipes(page);

let checkout: string;
let contents: Content[];

const environment = { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}` };
const inCheckout = () =>
  ({ cwd: checkout, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: environment }) as const;
const shell = (command: string): string => execFileSync('sh', ['-c', command], inCheckout());
/** Exit code and all that it printed. */
const ask = async (command: string): Promise<string> => {
  const run = promisify(execFile)('sh', ['-c', `${command} 2>&1`], inCheckout());
  return run.then(
    () => 'passes',
    (error: { stdout: string }) => `fails:\n${error.stdout}`,
  );
};
const specs = (project: string, patterns: string): string =>
  `npm run --silent test:jest -- --maxWorkers 1 --selectProjects ${project} --testPathPatterns '${patterns}'`;

/** In their order; a command that comes again later, when more has changed, runs that time alone. */
function follow(all: readonly Recipe[]): void {
  const steps = all.flatMap((recipe) => recipe.steps);
  for (const [index, step] of steps.entries()) {
    if (step.kind !== 'run') changeFile(checkout, step);
    else if (!steps.slice(index + 1).some((later) => later.kind === 'run' && later.command === step.command))
      shell(step.command);
  }
}

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'recipes-'));
  cpSync(ROOT, checkout, { recursive: true, filter: (path) => !NOT_SOURCES.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'), 'dir');
  follow(recipes);
  contents = overlaysIn(join(checkout, overlays)).map((name) => readContent(join(checkout, overlays), name));
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

describe('the recipes', () => {
  it('are these four, and each has something to do', () => {
    expect(recipes.map(({ title }) => title)).toEqual([
      'Add a service',
      'Add a topic',
      'Add a resource',
      'Add a panel',
    ]);
    for (const { steps } of recipes) expect(steps.length).toBeGreaterThan(0);
    // A block without a step's sentence before it would not be followed here: there must be as many blocks as such sentences.
    const blocks = page.match(/^```ts$/gm) ?? [];
    expect(recipes.flatMap(({ steps }) => steps).filter(({ kind }) => kind !== 'run')).toHaveLength(
      blocks.length,
    );
  });

  it('make what the compiler, the formatter, the linter and the rules take', async () => {
    const [types, format, lint, rules] = await Promise.all([
      ask('tsc --noEmit'),
      ask('biome check .'),
      ask(`oxlint --type-aware services/${NAME} contracts`),
      ask(
        specs(
          'unit int',
          `services/${NAME}/|test/(architecture|openapi).spec|contracts/(processes|topics|asyncapi|schemas/)|observability/(queries|dashboards)`,
        ),
      ),
    ]);
    expect({ types, format, lint, rules }).toEqual({
      types: 'passes',
      format: 'passes',
      lint: 'passes',
      rules: 'passes',
    });
  });

  it('make a resource that is in the stack and keeps every policy, and a panel that is on the board', async () => {
    const judge = `
      import { Model } from './test/infra/model.ts';
      import { faultsOf } from './test/infra/policies/rule.ts';
      import { RULES } from './test/infra/policies/rules.ts';
      import { unwaived, WAIVERS } from './test/infra/policies/waivers.ts';
      import { platformOf, SETTINGS } from './test/infra/synth.ts';
      const model = new Model(platformOf('dev'), SETTINGS.dev);
      const faults = RULES.flatMap((rule) => unwaived(faultsOf(rule, model), 'dev', WAIVERS));
      const buckets = model.all('aws_s3_bucket').filter(({ body }) => body.bucket.endsWith('-wishlist-exports'));
      console.log(JSON.stringify({ faults, buckets: buckets.length }));`;
    const verdict = execFileSync(process.execPath, ['--input-type=module', '--eval', judge], inCheckout());
    expect(JSON.parse(verdict)).toEqual({ faults: [], buckets: 1 });
    for (const content of contents) expect(textOf(content, 'ConfigMap')).toContain('Events published in all');
  });
});

const has = (content: Content, kind: string, name = NAME): boolean =>
  content.all(kind).some(({ object }) => object.metadata.name === name);
const missing = (content: Content, kinds: readonly string[]): string[] =>
  kinds.filter((kind) => !has(content, kind));
const textOf = (content: Content, kind: string): string =>
  content
    .all(kind)
    .map(({ object }) => JSON.stringify(object))
    .join('\n');

describe('a service that is new in the contract', () => {
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

  it('has its own user in Postgres, whose password the cluster makes', () => {
    const local = contents.find(({ overlay }) => overlay === 'local')!;
    expect(textOf(local, 'ConfigMap')).toContain(`${NAME}-secrets`);
    expect(textOf(local, 'ConfigMap')).toContain(`${NAME}_service`);
  });

  it('keeps every rule, the graph of calls among them', async () => {
    // It fails where some other object has a fault, which is another spec's matter.
    const verdict = await ask('node test/k8s/judge.cli.ts; exit 1');
    expect(verdict).toMatch(/^local: \d+ objects/m);
    expect(verdict).not.toMatch(new RegExp(`^.*${NAME}.*\\[[a-z-]+\\]$`, 'm'));
  });
});

describe('negative control', () => {
  it('without the recipes nothing of the service is there', () => {
    const committed = readContent(join(ROOT, overlays), 'local');
    expect(committed.placed.filter(({ object }) => object.metadata.name.includes(NAME))).toEqual([]);
  });

  it('a line that the page takes for there and is not, or stands there twice, stops the recipe', () => {
    const step = { kind: 'after', path: 'a.ts', line: 'b', text: 'c\n' } as const;
    expect(changedText('a\nb\n', step)).toBe('a\nb\nc\n');
    expect(changedText('a\nb\n', { ...step, kind: 'instead' })).toBe('a\nc\n');
    expect(changedText('a\nb\n', { ...step, kind: 'before' })).toBe('a\nc\nb\n');
    expect(() => changedText('a\n', step)).toThrow('a.ts has no line b');
    expect(() => changedText('b\nb\n', step)).toThrow('a.ts has more than one line b');
  });

  it('negative control: a step that is left out is found, here an event whose schema was not recorded', async () => {
    rmSync(join(checkout, 'contracts/schemas/shop.wishlist.product-known.v1.json'));
    expect(await ask(specs('unit', 'contracts/schemas/'))).toContain('has no golden schema');
  });
});
