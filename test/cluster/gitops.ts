// What ArgoCD makes of the overlay `local`: it is given the root alone, from a repository of this run, and everything follows. Then a
// change by hand must be healed, and a commit that the server refuses must fail with its reason.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { AppError } from '#runtime/errors.ts';
import { kubectl, mustDo, readObject } from './kubectl.ts';
import { bindClaims } from './pretended.ts';

const ROOT = join(import.meta.dirname, '../..');
const ARGOCD = 'argocd';
/** Where the environments' settings say that manifests are read. */
const COMMITTED = readCommittedUrl();
const run = promisify(execFile);

export interface GitOps {
  /** Where ArgoCD reads. */
  readonly url: string;
  /** Where this run pushes: an address or a bare repository on this disk. */
  readonly pushTo: string;
  readonly revision: string;
  readonly isPretended: boolean;
  readonly waitMsMax: number;
  readonly say: (line: string) => void;
}

function readCommittedUrl(): string {
  const [, url = ''] =
    /repoURL: (\S+)/.exec(readFileSync(join(ROOT, 'k8s/bootstrap/root.yaml'), 'utf8')) ?? [];
  return url;
}

/** A working copy with the overlay as it is, but for the address of the repository that it names. */
class Repository {
  readonly folder: string;
  readonly #to: GitOps;

  constructor(to: GitOps) {
    this.folder = mkdtempSync(join(tmpdir(), 'gitops-'));
    this.#to = to;
    cpSync(join(ROOT, 'k8s/overlays/local'), this.path('k8s/overlays/local'), { recursive: true });
    cpSync(join(ROOT, 'k8s/bootstrap'), this.path('k8s/bootstrap'), { recursive: true });
    for (const file of [...this.#filesOf('k8s/overlays/local/root'), 'k8s/bootstrap/root.yaml'])
      this.edit(file, (text) =>
        text
          .replaceAll(COMMITTED, to.url)
          .replaceAll(/targetRevision: main$/gm, `targetRevision: ${to.revision}`),
      );
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  #filesOf(folder: string): string[] {
    return readdirSync(this.path(folder)).map((name) => `${folder}/${name}`);
  }

  edit(file: string, change: (text: string) => string): void {
    writeFileSync(this.path(file), change(readFileSync(this.path(file), 'utf8')));
  }

  async push(message: string): Promise<void> {
    const git = (...args: string[]) => run('git', ['-C', this.folder, ...args]);
    await git('init', '--quiet', `--initial-branch=${this.#to.revision}`);
    await git('add', '--all');
    await git(
      '-c',
      'user.name=test:cluster',
      '-c',
      'user.email=nobody@localhost',
      'commit',
      '--quiet',
      '--message',
      message,
    );
    await git('push', '--quiet', '--force', this.#to.pushTo, this.#to.revision);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

interface Application {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly health?: { readonly status?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly operationState?: { readonly phase?: string; readonly message?: string };
  };
}

const applications = async (): Promise<Application[]> =>
  (
    JSON.parse(
      await mustDo(['get', 'applications.argoproj.io', '--namespace', ARGOCD, '--output', 'json']),
    ) as { items: Application[] }
  ).items;

const stateOf = ({ status }: Application): string =>
  `${status?.sync?.status ?? 'unknown'}, ${status?.health?.status ?? 'unknown'}`;
const DONE = 'Synced, Healthy';

/** ArgoCD looks unasked only every few minutes. */
const refresh = (name: string): Promise<unknown> =>
  kubectl([
    'annotate',
    'applications.argoproj.io',
    name,
    '--namespace',
    ARGOCD,
    '--overwrite',
    'argocd.argoproj.io/refresh=hard',
  ]);

/** What it says of one that is not done: the operation's words first, they hold the server's reason. */
const reasonOf = ({ status }: Application): string =>
  [status?.operationState?.message, ...(status?.conditions ?? []).map(({ message }) => message)]
    .filter(Boolean)
    .join('; ');

/** Runs it all, and says each thing that holds. @throws AppError with what does not */
export async function proveGitOps(to: GitOps): Promise<void> {
  const repository = new Repository(to);
  try {
    await repository.push('The overlay as it is in Git');
    await mustDo([
      'apply',
      '--server-side',
      '--force-conflicts',
      '--filename',
      repository.path('k8s/bootstrap/root.yaml'),
    ]);
    const names = readdirSync(repository.path('k8s/overlays/local/root'))
      .filter((name) => name.startsWith('application-'))
      .map((name) => name.slice('application-'.length, -'.yaml'.length));
    await waitForAll(['root', ...names], to);
    to.say(`all ${names.length + 1} Applications are Synced and Healthy`);
    await proveHealing(to);
    await proveRefusal(repository, to);
  } finally {
    repository.remove();
  }
}

async function waitForAll(names: readonly string[], to: GitOps): Promise<void> {
  const states = new Map<string, string>();
  await until(to.waitMsMax, async () => {
    if (to.isPretended) await bindClaims();
    const found = await applications();
    for (const application of found) {
      const { name } = application.metadata;
      const state = stateOf(application);
      if (states.get(name) !== state) to.say(`  ${name.padEnd(28)} ${state}`);
      states.set(name, state);
    }
    const missing = names.filter((name) => states.get(name) !== DONE);
    if (missing.length === 0) return undefined;
    await Promise.all(['root', ...missing].map(refresh));
    return found
      .filter(({ metadata }) => missing.includes(metadata.name))
      .map((one) => `${one.metadata.name} is ${stateOf(one)}: ${reasonOf(one)}`)
      .concat(names.filter((name) => !states.has(name)).map((name) => `${name} is not there`))
      .join('\n');
  });
}

/** @throws AppError with the last answer when the time is over */
async function until(waitMsMax: number, ask: () => Promise<string | undefined>): Promise<void> {
  const end = Date.now() + waitMsMax;
  for (;;) {
    const missing = await ask();
    if (missing === undefined) return;
    if (Date.now() > end) throw new AppError('not-reached', missing);
    await sleep(2_000);
  }
}

const VICTIM = { part: 'cart', kind: 'service', namespace: 'shop', name: 'cart' };

/** Somebody points a Service elsewhere, and takes a policy away. */
async function proveHealing(to: GitOps): Promise<void> {
  const { namespace, name } = VICTIM;
  const asItWas = await readObject<{ spec: { selector: unknown } }>('service', namespace, name);
  const patch = JSON.stringify({ spec: { selector: { 'app.kubernetes.io/name': 'somebody-else' } } });
  await mustDo(['patch', 'service', name, '--namespace', namespace, '--type', 'merge', '--patch', patch]);
  await mustDo(['delete', 'networkpolicy', name, '--namespace', namespace]);
  await until(to.waitMsMax, async () => {
    const [service, policy] = await Promise.all([
      readObject<{ spec: { selector: Record<string, unknown> } }>('service', namespace, name),
      readObject('networkpolicy', namespace, name),
    ]);
    const isHealed =
      policy && JSON.stringify(service?.spec.selector) === JSON.stringify(asItWas?.spec.selector);
    return isHealed ? undefined : `a change by hand of ${namespace}/${name} was not healed`;
  });
  to.say('a Service that was pointed elsewhere and a policy that was deleted are as Git has them again');
}

/** A commit that no server takes: the Application says so with the server's reason, and is well again with the next. */
async function proveRefusal(repository: Repository, to: GitOps): Promise<void> {
  const file = `k8s/overlays/local/${VICTIM.part}/deployment-${VICTIM.name}.yaml`;
  const whole = readFileSync(repository.path(file), 'utf8');
  repository.edit(file, (text) => {
    const object = parse(text) as { spec: { minReadySeconds?: number } };
    object.spec.minReadySeconds = -1;
    return stringify(object);
  });
  await repository.push('Broken on purpose');
  await until(to.waitMsMax, async () => {
    await refresh(VICTIM.part);
    const broken = (await applications()).find(({ metadata }) => metadata.name === VICTIM.part);
    const reason = broken ? reasonOf(broken) : '';
    if (!/minReadySeconds.*must be/s.test(reason)) return `a broken commit was not refused: ${reason}`;
    to.say(`a broken commit is refused: ${reason.slice(0, 300)}`);
    return undefined;
  });
  repository.edit(file, () => whole);
  await repository.push('As it was');
  await waitForAll([VICTIM.part], to);
}
