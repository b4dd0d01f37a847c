// Renders every chart with our values and records what it makes, since projects admit that and nothing else. By Helm, as ArgoCD does.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { groupOf, isChart } from '../argocd/claims.ts';
import { readOverlays } from '../overlays.ts';
import { isOfTheCluster, type KubeObject } from '../part.ts';
import { roomsOf } from '../parts.ts';
import { CHART_OBJECTS_FILE, type Claim } from './chart-objects.ts';
import type { ChartPart } from './chart-part.ts';
import { CHARTS } from './charts.ts';

const HELP = `Renders the charts of all overlays with Helm and records what they make, into k8s/operators/chart-objects.json.

  npm run charts [-- --check] [--helm <program>] [--charts <folder>]

  --check   writes nothing; exit code 1 if something else was recorded
  --helm    Helm 3, by default the one on the PATH
  --charts  unpacked charts by name, with what they depend on, instead of their repositories
  --help    this text`;

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    helm: { type: 'string', default: 'helm' },
    charts: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** What the caller can put right. */
class HelmError extends Error {}

function main(): void {
  if (options.help) return say(HELP);
  const recorded = JSON.stringify(record(), null, 2);
  if (!options.check) {
    writeFileSync(CHART_OBJECTS_FILE, `${recorded}\n`);
    return say('k8s/operators/chart-objects.json is written: look at what changed');
  }
  if (`${recorded}\n` === readFileSync(CHART_OBJECTS_FILE, 'utf8')) return say('as recorded');
  say('charts make something else than was recorded: npm run charts');
  process.exitCode = 1;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Of all overlays together, sorted. */
function record(): Record<string, Claim[]> {
  const claims = new Map<string, Map<string, Claim>>();
  for (const overlay of readOverlays())
    for (const part of roomsOf(new App(), overlay).filter(isChart)) {
      const own = claims.get(part.node.id) ?? new Map<string, Claim>();
      for (const claim of claimsOf(part)) own.set(JSON.stringify(claim), claim);
      claims.set(part.node.id, own);
    }
  const sorted = [...claims].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, own]) => [
      name,
      [...own].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, claim]) => claim),
    ]),
  );
}

/** Names of kinds alone: which Deployments a chart has is its own affair. */
function claimsOf(part: ChartPart): Claim[] {
  return render(part).map(({ apiVersion, kind, metadata = {} }) => {
    const name = kind === 'CustomResourceDefinition' ? metadata.name! : '';
    const claim = { group: groupOf(apiVersion), kind, name };
    return isOfTheCluster(kind) ? claim : { ...claim, namespace: metadata.namespace ?? part.props.namespace };
  });
}

function render({ node, props }: ChartPart): KubeObject[] {
  const { overlay } = props;
  if (overlay.kind !== 'aws') throw new TypeError(`${overlay.name} has no charts`);
  const { repository, version } = CHARTS[props.chart];
  const from = options.charts
    ? [unpacked(join(options.charts, props.chart), version)]
    : [props.chart, '--repo', repository, '--version', version];
  const { status, stdout, stderr, error } = spawnSync(
    options.helm,
    [
      'template',
      props.releaseName ?? node.id,
      ...from,
      '--skip-tests',
      '--values=-',
      `--namespace=${props.namespace}`,
      props.bringsKinds === false ? '--skip-crds' : '--include-crds',
      `--kube-version=${overlay.settings.aws.eks.version}`,
      // What a chart looks for in a cluster before it makes monitors.
      '--api-versions=monitoring.coreos.com/v1,monitoring.coreos.com/v1/ServiceMonitor',
    ],
    { input: JSON.stringify(props.values), encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new HelmError(`${options.helm} is not there: install Helm 3, or name it by --helm`);
  if (status !== 0) throw new HelmError(`helm could not render ${node.id}: ${error?.message ?? stderr}`);
  return parseAllDocuments(stdout).flatMap((document) => {
    const object = document.toJS() as (KubeObject & { readonly items?: readonly KubeObject[] }) | null;
    // ArgoCD takes a list apart.
    return object?.kind === 'List' ? (object.items ?? []) : (object ?? []);
  });
}

/** @throws HelmError when another version is there */
function unpacked(folder: string, version: string): string {
  const found = /^version: "?([^"\s]+)/m.exec(readFileSync(join(folder, 'Chart.yaml'), 'utf8'))?.[1];
  if (found !== version) throw new HelmError(`${folder} is ${found}, and not ${version}`);
  return folder;
}

try {
  main();
} catch (error) {
  // A fault of ours needs its stack.
  process.stderr.write(`${error instanceof HelmError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
