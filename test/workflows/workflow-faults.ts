// Checks GitHub's workflows by rules that their own checker does not have: they may run only what a person has reviewed, with no right
// that it does not need, and what they call is there.
import { parse } from 'yaml';

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: { readonly group?: string };
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What a workflow may name. */
export interface Known {
  /** Of package.json. */
  readonly scripts: ReadonlySet<string>;
  readonly stacks: ReadonlySet<string>;
  /** Variables of GitHub, without what names an environment at their end: outputs of `bootstrap`, and a few of our own. */
  readonly variables: ReadonlySet<string>;
}

/** An action by its commit, with the version that the commit is of: a tag can be moved, and was (tj-actions, March 2025). */
const PINNED = /^\s*(?:- )?uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
/** Longest session of the role that deploys (stacks/bootstrap/github-on-aws.ts). */
const JOB_MINUTES_MAX = 120;
/** Rights to change, and the only job of a workflow that may have them. */
const WRITERS: Readonly<Record<string, readonly string[]>> = {
  contents: ['images/lock'],
  'pull-requests': ['images/lock'],
  'id-token': ['images/push', 'plan/plan', 'deploy/deploy'],
};

export const parseWorkflow = (text: string): Workflow => parse(text) as Workflow;

/** @param name of the file, without its ending */
export function workflowFaults(name: string, text: string, known: Known): string[] {
  const workflow = parseWorkflow(text);
  const faults = [...triggerFaults(workflow), ...pinFaults(text), ...referenceFaults(text, known)];
  for (const [id, job] of Object.entries(workflow.jobs))
    faults.push(...jobFaults(`${name}/${id}`, job).map((fault) => `${id}: ${fault}`));
  return faults.map((fault) => `${name}: ${fault}`);
}

function triggerFaults({ on, permissions, concurrency, defaults }: Workflow): string[] {
  const faults: string[] = [];
  // It runs strangers' code with our rights.
  for (const trigger of ['pull_request_target', 'workflow_run'])
    if (Object.hasOwn(on, trigger)) faults.push(`is started by ${trigger}`);
  if (JSON.stringify(permissions) !== '{}') faults.push('gives rights to all of its jobs');
  if (!concurrency?.group) faults.push('may run beside itself');
  if (defaults?.run?.shell !== 'bash') faults.push('goes on when the first command of a pipe fails');
  return faults;
}

const pinFaults = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^\s*(- )?uses:/.test(line) && !PINNED.test(line))
    .map((line) => `${line.trim().replace(/^- /, '')} is no commit with its version`);

function jobFaults(path: string, job: Job): string[] {
  const { 'timeout-minutes': minutes, permissions, environment, steps = [] } = job;
  const faults: string[] = [];
  if (!minutes || minutes > JOB_MINUTES_MAX)
    faults.push(`has no time limit of at most ${JOB_MINUTES_MAX} minutes`);
  if (!/^ubuntu-\d\d\.\d\d$/.test(job['runs-on'] ?? ''))
    faults.push('runs on a machine that changes by itself');
  if (!permissions) faults.push('does not say its rights');
  for (const [right, level] of Object.entries(permissions ?? {}))
    if (level !== 'read' && !(Object.hasOwn(WRITERS, right) && WRITERS[right]!.includes(path)))
      faults.push(`has ${right}: ${level}`);
  if (
    environment === undefined &&
    steps.some(({ with: given }) => /CI_DEPLOY_ROLE/.test(JSON.stringify(given ?? {})))
  )
    faults.push('takes the role that deploys, outside of an environment');
  return [...faults, ...steps.flatMap(stepFaults)];
}

function stepFaults({ uses = '', run = '', with: given = {} }: Step): string[] {
  const faults: string[] = [];
  // An author's text would become a command (GitHub, "Script injections"): it is passed through the environment.
  if (run.includes('${{')) faults.push(`puts an expression into a command: ${run.split('\n')[0]}`);
  if (uses.startsWith('actions/checkout@') && given['persist-credentials'] !== false)
    faults.push('leaves its token in the checkout');
  return faults;
}

function referenceFaults(text: string, { scripts, stacks, variables }: Known): string[] {
  const faults = (kind: string, pattern: RegExp, isKnown: (name: string) => boolean): string[] =>
    [...text.matchAll(pattern)]
      .map(([, one]) => one!)
      .filter((one) => !isKnown(one))
      .map((one) => `${kind} ${one} is not there`);
  return [
    ...faults('npm script', /\bnpm run (?:--silent )?([\w:-]+)/g, (one) => scripts.has(one)),
    ...faults('npm script', /\bnpm (test|start)\b/g, (one) => scripts.has(one)),
    ...faults('stack', /\bcdktf (?:deploy|diff|output) ([\w-]+)/g, (one) => stacks.has(one)),
    ...faults('variable', /\bvars\.(\w+)/g, (one) => variables.has(one)),
    ...faults('variable', /\bvars\[format\('(\w+)_\{0\}'/g, (one) => variables.has(one)),
    // Nobody has a key: jobs prove who they are.
    ...faults('secret', /\bsecrets\.(\w+)/g, () => false),
  ];
}
