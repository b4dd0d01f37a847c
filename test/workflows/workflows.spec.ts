import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { STACKS } from '../../stacks/platform.ts';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { platformOf, SETTINGS } from '../infra/synth.ts';
import { type Known, parseWorkflow, workflowFaults } from './workflow-faults.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');
const read = (name: string): string => readFileSync(join(FOLDER, `${name}.yml`), 'utf8');
const names = readdirSync(FOLDER).map((file) => file.replace(/\.yml$/, ''));

const outputs = Object.keys(platformOf('dev').bootstrap.output ?? {});
const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const known: Known = {
  scripts: new Set(Object.keys(packageJson.scripts)),
  stacks: new Set(STACKS),
  variables: new Set([...outputs.map((one) => one.toUpperCase().replaceAll('-', '_')), 'SHOP_ENVIRONMENTS']),
};

describe('the workflows of GitHub', () => {
  it.each(names)('%s holds every rule', (name) => {
    expect(workflowFaults(name, read(name), known)).toEqual([]);
  });

  it('are these four, and ask for what the page on images explains', () => {
    expect(names.toSorted()).toEqual(['check', 'deploy', 'images', 'plan']);
    const page = readFileSync(join(ROOT, 'k8s/images/README.md'), 'utf8');
    const asked = names.flatMap((name) => [
      ...read(name).matchAll(/\bvars(?:\.|\[format\(')(\w+?)(?:_\{0\})?\b/g),
    ]);
    const variables = new Set(asked.map(([, one]) => one!.replace(/_$/, '')));
    expect([...variables].filter((one) => !page.includes(`\`${one}`))).toEqual([]);
    expect(variables.size).toBeGreaterThanOrEqual(5);
  });

  it('name one commit for each action', () => {
    const uses = names.flatMap((name) => [...read(name).matchAll(/uses: (\S+)@(\S+)/g)]);
    const commits = new Map<string, Set<string>>();
    for (const [, action, commit] of uses)
      commits.set(action!, (commits.get(action!) ?? new Set()).add(commit!));
    expect([...commits].filter(([, { size }]) => size > 1)).toEqual([]);
    expect(commits.size).toBeGreaterThan(8);
  });

  it('deploy in the order of the page, all but what lets them in, and every environment', () => {
    const order = (text: string): string[] => [
      ...new Set([...text.matchAll(/\bcdktf deploy (\w+)/g)].map(([, stack]) => stack!)),
    ];
    const [way] = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8').split('## And back');
    const onPage = order(way!.slice(way!.indexOf('## Deploy, in this order')));
    expect(order(read('deploy'))).toEqual(onPage.filter((stack) => stack !== 'bootstrap'));
    expect(order(read('deploy'))).toHaveLength(STACKS.length - 1);
    const { workflow_dispatch: byHand } = parseWorkflow(read('deploy')).on as {
      workflow_dispatch: { inputs: { environment: { options: string[] } } };
    };
    expect(byHand.inputs.environment.options).toEqual([...ENVIRONMENTS]);
  });

  it('run all that a change is to pass', () => {
    const check = read('check');
    for (const command of [
      'npm ci',
      'npm test',
      'npm run test:flink',
      'npm run manifests -- --check',
      'npm run service-models -- --check',
      'npm run check:checkov',
      'npm run check:manifests -- --install',
    ])
      expect(check).toContain(`- run: ${command}\n`);
    expect(check).toMatch(/^ +npm run test:cluster -- --git-url /m);
  });

  it('try the manifests on the Kubernetes and the ArgoCD that the environments have', () => {
    const check = read('check');
    const [, kubernetes] = /kindest\/node:v(\d+\.\d+)\.\d+@sha256:[0-9a-f]{64}\n/.exec(check) ?? [];
    const [, chart] = /argo-helm --version (\S+) /.exec(check) ?? [];
    for (const environment of ENVIRONMENTS)
      expect([kubernetes, chart]).toEqual([
        SETTINGS[environment].aws.eks.version,
        SETTINGS[environment].gitops.argocdChartVersion,
      ]);
  });
});

describe('negative control: a workflow', () => {
  const good = read('images');
  const broken = (from: string | RegExp, to: string): string[] => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    return workflowFaults('images', text, known);
  };

  it.each<[string, string | RegExp, string, RegExp]>([
    ['an action by its tag', /checkout@\S+ # v7\.0\.1/, 'checkout@v7', /actions\/checkout@v7 is no commit/],
    ['an action by a commit without its version', / # v7\.0\.1/, '', /is no commit with its version/],
    ['rights for all jobs', 'permissions: {}', 'permissions: write-all', /gives rights to all of its jobs/],
    [
      'a job that does not say its rights',
      /    permissions:\n      contents: read\n/,
      '',
      /does not say its rights/,
    ],
    ['a job that may write', '      contents: read', '      contents: write', /build: has contents: write/],
    ['an unknown right', '      contents: read', '      constructor: write', /has constructor: write/],
    ['a job without an end', /    timeout-minutes: 45\n/, '', /build: has no time limit/],
    ['a job of a day', 'timeout-minutes: 45', 'timeout-minutes: 1440', /build: has no time limit/],
    ['a machine that changes', 'ubuntu-24.04', 'ubuntu-latest', /changes by itself/],
    [
      'strangers’ code',
      '  workflow_dispatch:',
      '  pull_request_target:',
      /is started by pull_request_target/,
    ],
    ['two at once', /concurrency:\n  group: images\n/, 'concurrency:\n', /may run beside itself/],
    ['pipes that hide', '    shell: bash', '    shell: sh', /first command of a pipe/],
    ['a script that is gone', 'npm run manifests', 'npm run manifest', /npm script manifest is not there/],
    ['an output that bootstrap has not', 'vars.CI_DEPLOY_ROLE', 'vars.CI_PUSH_ROLE', /variable CI_PUSH_ROLE/],
    ['a key', '${{ github.token }}', '${{ secrets.AWS_SECRET_ACCESS_KEY }}', /secret AWS_SECRET_ACCESS_KEY/],
    ['a token left behind', 'persist-credentials: false', 'persist-credentials: true', /leaves its token/],
    [
      'a text as a command',
      'mkdir built',
      'mkdir ${{ github.head_ref }}',
      /puts an expression into a command/,
    ],
    [
      'the role outside',
      /    environment: \$\{\{ matrix\.environment \}\}\n/,
      '',
      /outside of an environment/,
    ],
  ])('with %s is reported', (_fault, from, to, message) => {
    expect(broken(from, to)).toEqual([expect.stringMatching(message)]);
  });

  it('with a stack that is not there is reported', () => {
    const text = read('deploy').replace('cdktf deploy edge', 'cdktf deploy edges');
    expect(workflowFaults('deploy', text, known)).toEqual(['deploy: stack edges is not there']);
  });
});
