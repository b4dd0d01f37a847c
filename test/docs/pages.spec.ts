// What the pages tell a reader to type exists.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { STACKS } from '../../stacks/platform.ts';
import { isMadeBy, readRecipes } from '../contributing/recipes.ts';
import { platformOf, SETTINGS } from '../infra/synth.ts';
import { readPage } from './page.ts';
import { pageFaults, type Repository } from './page-faults.ts';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const helps = new Map<string, string>();

const recipes = readRecipes(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'));

const repository: Repository = {
  scripts,
  stacks: STACKS,
  outputs: Object.fromEntries(
    Object.entries(platformOf('dev')).map(([stack, { output = {} }]) => [
      stack,
      new Set(Object.keys(output)),
    ]),
  ),
  // Dev has no key of Stripe's.
  settings: { ...SETTINGS.dev, payments: SETTINGS.prod.payments },
  services: servicesOfClusters(),
  charts: new Map([['argo-cd', SETTINGS.dev.gitops.argocdChartVersion]]),
  isThere: (path) => existsSync(join(ROOT, path)) || isMadeBy(recipes, path),
  read: (path) => readFileSync(join(ROOT, path), 'utf8'),
  cdktfHelp(command) {
    const found = helps.get(command) ?? askHelp(command);
    helps.set(command, found);
    return found;
  },
};

/** Those that are rendered, and two of charts, as `npm run charts` and Helm show them. */
function servicesOfClusters(): ReadonlySet<string> {
  const folder = join(ROOT, 'k8s/overlays');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\/service-[^/]*\.yaml$/.test(path),
  );
  const names = files.map((path) => {
    const { metadata } = parse(readFileSync(join(folder, path), 'utf8')) as {
      metadata: { name: string; namespace: string };
    };
    return `${metadata.namespace}/${metadata.name}`;
  });
  return new Set([...names, 'argocd/argocd-server', 'observability/kube-prometheus-stack-grafana']);
}

function askHelp(command: string): string {
  const { stdout, stderr } = spawnSync('npx', ['--no-install', 'cdktf', command, '--help'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, CHECKPOINT_DISABLE: '1', CI: 'true' },
  });
  // For a command that it does not know it prints the list of all.
  return new RegExp(`^cdktf ${command}\\b`, 'm').test(stdout) && !/^cdktf \[command\]/m.test(stdout)
    ? stdout
    : stderr.includes(`cdktf ${command} `)
      ? stderr
      : '';
}

const PAGES = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'README.md',
  'SECURITY.md',
  'docs/cluster.md',
  'docs/deploy.md',
  'k8s/README.md',
  'k8s/images/README.md',
  'stacks/README.md',
  ...readdirSync(join(ROOT, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`),
];

describe('what a page asks its reader to do', () => {
  it.each(PAGES)(
    'is there: %s',
    (path) => {
      const page = readPage(path, repository.read(path));
      expect(pageFaults(page, repository)).toEqual([]);
    },
    600_000,
  );

  it('is read from the page that deploys', () => {
    const { commands } = readPage('docs/deploy.md', repository.read('docs/deploy.md'));
    for (const stack of STACKS)
      for (const verb of ['deploy', 'destroy'])
        expect(commands.join('\n')).toMatch(new RegExp(`cdktf ${verb} (\\w+ )*${stack}\\b`));
  });
});

describe('negative control: a page is refused that', () => {
  const fenced = (line: string) => `Do this:\n\n\`\`\`\n${line}   # why\n\`\`\`\n`;

  it.each([
    ['names a script that is none', fenced('npm run sinth'), 'npm run sinth is no script of package.json'],
    [
      'names a flag that a script does not take',
      fenced('npm run synth -- --stage prod'),
      'npm run synth takes no --stage',
    ],
    ['names it in a sentence', 'Try `npm run sinth`.', 'npm run sinth is no script of package.json'],
    [
      'names it behind another',
      fenced('A=1 npm run synth && npm run sinth'),
      'npm run sinth is no script of package.json',
    ],
    ['names a stack that is none', fenced('npx cdktf deploy aws gpc'), 'there is no stack gpc'],
    ['names a command of the CLI that is none', fenced('npx cdktf apply aws'), 'cdktf has no command apply'],
    [
      'names a flag of the CLI that is none',
      fenced('npx cdktf deploy aws --yes'),
      'cdktf deploy takes no --yes',
    ],
    [
      'names an output that is none',
      fenced("jq -r '.gcp.repository' outputs.json"),
      'the stack gcp has no output repository',
    ],
    ['names it in a sentence', 'It is the output `topics` of `aws`.', 'the stack aws has no output topics'],
    [
      'names a file that is none',
      'Look into `stacks/environments/test.ts`.',
      'there is no stacks/environments/test.ts',
    ],
    ['links to a page that is none', '[here](adr/9999-none.md)', 'the link adr/9999-none.md leads nowhere'],
    [
      'forwards a port to a Service that is none',
      fenced('kubectl port-forward --namespace argocd svc/argo-server 8080:443'),
      'there is no Service argocd/argo-server',
    ],
    [
      'asks in a namespace that is none',
      fenced('kubectl get pods --namespace argo'),
      'no Service is in a namespace argo',
    ],
    [
      'applies a file that is none',
      fenced('kubectl apply --filename k8s/root.yaml'),
      'there is no k8s/root.yaml',
    ],
    [
      'installs another version than the stacks do',
      fenced('helm install argocd argo-cd --version 9.0.0 --values k8s/bootstrap/argocd-values.yaml'),
      'argo-cd 9.0.0 is not what the stacks install',
    ],
    [
      'names a setting that is none',
      'Set `aws.eks.publicRanges`.',
      'the settings have no aws.eks.publicRanges',
    ],
    ['names one of the edge that is none', 'Set `edge.host`.', 'the settings have no edge.host'],
  ])(
    '%s',
    (_rule, text, fault) => {
      expect(pageFaults(readPage('docs/page.md', text), repository)).toEqual([`docs/page.md: ${fault}`]);
    },
    600_000,
  );

  it('and not one that is right', () => {
    const text = [
      fenced('SHOP_ENVIRONMENT=prod npx cdktf deploy gcp aws --var kubernetes_api=https://127.0.0.1:8443'),
      fenced("jq -r '.gcp.image_repository' outputs.json"),
      'Set `aws.eks.publicApiRanges` in `stacks/environments/dev.ts`; [why](deploy.md#here), [and](https://example.com).',
    ].join('\n');
    expect(pageFaults(readPage('docs/page.md', text), repository)).toEqual([]);
  }, 600_000);
});
