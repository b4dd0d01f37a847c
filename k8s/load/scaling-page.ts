// docs/scaling.md out of what a run has shown (measured.json), the sizes and the rules: each number says whether it was measured or is
// modelled.
import { scalings } from '../shop/scaling.ts';
import { cpuCoresOf, sizeOf } from '../shop/sizes.ts';
import { replicasFor } from './hpa.ts';

import type { Measured, MeasuredRun, MeasuredStep, ProcessUse } from './measured.ts';
import { profileOf } from './scenario/profiles.ts';

export const SCALING_PAGE = 'docs/scaling.md';

/** How many times the last step that held replicas are modelled for. */
const TIMES = [1, 10, 100];

export function scalingPage(measured: Measured): string {
  return [
    INTRODUCTION,
    conditions(measured),
    '## What a process takes',
    SIZES_TEXT,
    sizesTable(measured),
    '## What the platform answers',
    ANSWERS_TEXT,
    answersTable(measured.stress),
    heldText(measured.stress),
    '## How many replicas the rules give',
    RULE_TEXT,
    replicasTable(measured.stress),
    '## Why these rules',
    rulesTable(),
    '',
  ].join('\n\n');
}

const INTRODUCTION = `# What the shop takes, and how it grows

Written by \`npm run load -- --profile stress --report\` (and \`load\`) from \`k8s/load/measured.json\`; a spec holds the page to it. **Measured**
means seen in that run, **modelled** means derived from it by a rule and not seen. The same journeys run in the cluster, by k6.`;

const SIZES_TEXT = `All of this table but the request and the limit is measured: a process of each on one machine, first at rest, then under \`load\` and
\`stress\`. Memory is the resident set, as the kubelet counts it; the heap is what JavaScript has of it. The request is about the most that
95 % of the samples had, the limit leaves room above the highest (\`k8s/shop/sizes.ts\` says why, process by process).`;

const ANSWERS_TEXT = `Measured, all of it. Journeys begin at that rate whatever becomes of them; one that finds no customer free is dropped. The time of an
order ends when its customer sees how it ended, who looks every quarter of a second. "Busy" is how many processes of the machine wanted a
core: where that is far above its cores, the times are the machine's and not the shop's.`;

const RULE_TEXT = `Processor time, requests and lag are measured, of one replica that took everything; the replicas are modelled by the rule of the
HorizontalPodAutoscaler, \`ceil(replicas * value / target)\`, nothing within a tenth of the target, the greatest of a service's metrics, within
minimum and maximum (\`k8s/load/hpa.ts\`). Ten and a hundred times the last step that held are modelled from it in proportion, without lag:
that they are answered as fast is an assumption that only a cluster can prove.`;

function conditions({ load, stress }: Measured): string {
  const rows = [['load', load] as const, ['stress', stress] as const].map(([name, run]) => [
    `\`${name}\``,
    run.measuredOn,
    run.machine,
    String(run.busyBefore),
    String(run.customers),
  ]);
  return `${table(['run', 'on', 'machine', 'busy before', 'customers'], rows)}

One machine ran everything: the services, Kafka, Postgres, the stores, the analytics worker and the load itself. "Busy before" is how many
processes wanted a core in the minute before the run: other work on the machine, for which answers take longer. Memory does not change by
it; processor time grows somewhat, since caches are shared.`;
}

function sizesTable({ idle, load, stress }: Measured): string {
  const rows = idle.map((rest) => {
    const { process } = rest;
    const busy = usesOf([load, stress], process);
    const { memoryRequest, memoryLimit, cpuRequest } = sizeOf(process);
    return [
      process,
      String(rest.rssP95MiB),
      String(most(busy, 'rssP95MiB')),
      String(most(busy, 'rssMaxMiB')),
      String(most(busy, 'heapP95MiB')),
      memoryRequest,
      memoryLimit,
      rest.cpuCores.toFixed(3),
      most(busy, 'cpuP95Cores').toFixed(3),
      cpuRequest,
    ];
  });
  const heads = [
    'process',
    'MiB at rest',
    'MiB p95',
    'MiB max',
    'heap p95',
    'request',
    'limit',
    'cores at rest',
    'cores p95',
    'request',
  ];
  return table(heads, rows);
}

function answersTable({ steps }: MeasuredRun): string {
  const rows = steps.map((step) => [
    String(step.journeysPerSecond),
    String(step.requestsPerSecond),
    `${step.p50Ms}`,
    `${step.p95Ms}`,
    `${step.p99Ms}`,
    `${step.failedCount} of ${step.requestCount}`,
    String(step.droppedCount),
    String(step.orderCount),
    String(step.orderEndP95Ms),
    step.processes.reduce((sum, { cpuCores }) => sum + cpuCores, 0).toFixed(2),
    String(step.busy),
  ]);
  const heads = [
    'journeys/s',
    'requests/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'failed',
    'dropped',
    'orders',
    'order over, p95 ms',
    'cores of ours',
    'busy',
  ];
  return table(heads, rows);
}

/** The last step of those, from the first on, that held what `load` demands. @throws TypeError when none did */
export function lastHeld({ steps }: MeasuredRun): MeasuredStep {
  const { failedShareMax, p95MsMax } = profileOf('load').thresholds;
  const holds = ({ failedCount, requestCount, p95Ms, droppedCount }: MeasuredStep): boolean =>
    failedCount <= requestCount * failedShareMax && p95Ms <= p95MsMax && droppedCount === 0;
  const end = steps.findIndex((step) => !holds(step));
  const last = steps[(end < 0 ? steps.length : end) - 1];
  if (!last) throw new TypeError('no step held what `load` demands');
  return last;
}

function heldText(run: MeasuredRun): string {
  const held = lastHeld(run);
  const next = run.steps[run.steps.indexOf(held) + 1];
  return `Up to ${held.journeysPerSecond} journeys and ${held.requestsPerSecond} requests a second one replica of each holds the thresholds of \`load\`. ${
    next
      ? `At ${next.journeysPerSecond}
it does not: 95 % of the requests took up to ${next.p95Ms} ms, ${next.droppedCount} journeys found no customer free, and ${next.busy} processes wanted one of the machine's cores.`
      : 'More was not tried.'
  }`;
}

function replicasTable(run: MeasuredRun): string {
  const { steps } = run;
  const rows = scalings().flatMap(([{ name }, scaling]) => {
    const replicas = (step: MeasuredStep, times: number): string => {
      const use = useOf(step.processes, name);
      if (!use) throw new TypeError(`${name} was not measured`);
      const seen = {
        cpuCores: use.cpuCores * times,
        requestsPerSecond: use.requestsPerSecond * times,
        lagRecords: times === 1 ? use.lagMax : 0,
      };
      return String(replicasFor(seen, scaling, cpuCoresOf(name)));
    };
    const last = lastHeld(run);
    const inSteps = steps.map((step) => {
      const { cpuCores, requestsPerSecond, lagMax } = useOf(step.processes, name)!;
      return `${cpuCores.toFixed(3)} / ${requestsPerSecond} / ${lagMax} → ${replicas(step, 1)}`;
    });
    return [[name, ...inSteps, ...TIMES.slice(1).map((times) => replicas(last, times))]];
  });
  const heads = steps.map(
    ({ journeysPerSecond }) => `${journeysPerSecond}/s: cores / requests/s / lag → replicas`,
  );
  return table(['service', ...heads, ...TIMES.slice(1).map((times) => `${times} times what held`)], rows);
}

function rulesTable(): string {
  const rows = scalings().flatMap(([{ name }, scaling]) =>
    (
      [
        ['least replicas', scaling.replicasMin],
        ['most replicas', scaling.replicasMax],
        ['processor time, % of the request', scaling.cpuPercent],
        ['requests a second of one replica', scaling.requestsPerSecond],
        ['records behind of one replica', scaling.lagRecords],
      ] as const
    ).flatMap(([what, figure]) =>
      figure ? [[name, what, String(figure.value), figure.from, figure.because]] : [],
    ),
  );
  return table(['service', 'rule', 'value', 'from', 'because'], rows);
}

/** Of one process, in all that runs have shown of it under load. */
export const usesOf = (runs: readonly MeasuredRun[], name: string): ProcessUse[] =>
  runs
    .flatMap(({ opening, steps }) => [opening, ...steps.map(({ processes }) => processes)])
    .flatMap((uses) => useOf(uses, name) ?? []);

const useOf = (uses: readonly ProcessUse[], name: string): ProcessUse | undefined =>
  uses.find(({ process }) => process === name);

const most = (uses: readonly ProcessUse[], what: 'rssP95MiB' | 'rssMaxMiB' | 'heapP95MiB' | 'cpuP95Cores') =>
  Math.max(...uses.map((use) => use[what]));

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
