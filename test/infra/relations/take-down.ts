// The documented way to take an environment down, walked through over the JSON: what would still be protected when it is to go.
import { stateBucketName } from '../../../stacks/constructs/platform-stack.ts';
import { STACKS, type StackName } from '../../../stacks/platform.ts';
import type { Settings } from '../../../stacks/settings.ts';
import { checkSettings } from '../../../stacks/settings-rules.ts';
import { putAt } from '../body.ts';
import { Model } from '../model.ts';
import type { PlatformJson, StackJson } from '../synth.ts';
import { crossings } from './stack-order.ts';

/** One line of the page. */
export type Step =
  | { readonly does: 'change settings'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly does: 'deploy' | 'destroy'; readonly stacks: readonly StackName[] }
  | { readonly does: 'copy the state of bootstrap to a file' }
  | { readonly does: 'delete what ArgoCD made' };

/** The steps of the page, in order: the lines of the code blocks. @throws Error at an unknown line */
export const stepsOf = (section: string): Step[] =>
  [...section.matchAll(/^```\n([^]*?)^```$/gm)].flatMap(([, block]) =>
    block!
      .trim()
      .split('\n')
      .flatMap((line) => stepOf(line) ?? []),
  );

function stepOf(line: string): Step | undefined {
  const [, settings] = /^# in the settings: (.+)$/.exec(line) ?? [];
  if (settings)
    return { does: 'change settings', values: Object.fromEntries(settings.split(', ').map(pairOf)) };
  const [, does, stacks] =
    /^npx cdktf (deploy|destroy) ([a-z ]+?)(?: --var=kubernetes_api=\S+)?\s*(?:#.*)?$/.exec(line) ?? [];
  if (stacks)
    return { does: does as 'deploy' | 'destroy', stacks: stacks.split(' ') as readonly StackName[] };
  if (/^aws s3 cp "s3:\/\/\$STATES\/dev\/bootstrap\.tfstate" bootstrap\.dev\.tfstate$/.test(line))
    return { does: 'copy the state of bootstrap to a file' };
  // kubectl waits for the Application's finalizer, and so for all that it holds.
  if (/^kubectl delete application root --namespace argocd\s*(?:#.*)?$/.test(line))
    return { does: 'delete what ArgoCD made' };
  // Terraform then asks again where the state is: it changes nothing in a cloud.
  if (line === 'rm -r cdktf.out/dev/stacks/bootstrap/.terraform') return undefined;
  throw new Error(`unknown step: ${line}`);
}

function pairOf(text: string): [string, unknown] {
  const [path, value] = text.split(' = ');
  return [path!, value === 'true' || value === 'false' ? value === 'true' : value];
}

type Synthesize = (settings: Settings) => PlatformJson;

/** Walks from a deployed platform, with bootstrap's state in its bucket, until nothing should be left; empty when nothing is. */
export function takeDownFaults(start: Settings, steps: readonly Step[], synthesize: Synthesize): string[] {
  const walk = new Walk({ ...start, bootstrap: { state: 'bucket' } }, synthesize);
  const faults = steps.flatMap((step) => walk.take(step));
  return [...faults, ...walk.standing.map((name) => `${name} still stands`)];
}

class Walk {
  readonly #synthesize: Synthesize;
  /** As each stack was applied last: what the clouds know of it. */
  readonly #applied: Map<StackName, StackJson>;
  #settings: Settings;
  #json: PlatformJson;
  #isStateInFile = false;
  /** Load balancers, DNS records and volumes of the cluster: no state knows them. */
  #hasMadeThings = true;

  constructor(settings: Settings, synthesize: Synthesize) {
    this.#synthesize = synthesize;
    this.#settings = settings;
    this.#json = synthesize(settings);
    this.#applied = new Map(STACKS.map((name) => [name, this.#json[name]]));
  }

  get standing(): StackName[] {
    return [...this.#applied.keys()];
  }

  take(step: Step): string[] {
    if (step.does === 'change settings') return this.#change(step.values);
    if (step.does === 'deploy') return step.stacks.flatMap((name) => this.#deploy(name));
    if (step.does === 'destroy') return step.stacks.flatMap((name) => this.#destroy(name));
    if (step.does === 'delete what ArgoCD made') return this.#deleteMadeThings();
    this.#isStateInFile = true;
    return this.#applied.has('bootstrap') ? [] : ['there is no bucket to copy from any more'];
  }

  /** What the settings refuse stops everybody right here. */
  #change(values: Readonly<Record<string, unknown>>): string[] {
    const written = structuredClone(this.#settings) as Record<string, unknown>;
    for (const [path, value] of Object.entries(values)) putAt(written, path, value);
    try {
      this.#settings = checkSettings(written, 'the page');
    } catch (error) {
      return [(error as Error).message];
    }
    this.#json = this.#synthesize(this.#settings);
    return [];
  }

  #deploy(name: StackName): string[] {
    this.#applied.set(name, this.#json[name]);
    // ArgoCD gets its root again, and creates everything again.
    if (name === 'gitops') this.#hasMadeThings = true;
    return [];
  }

  #deleteMadeThings(): string[] {
    this.#hasMadeThings = false;
    return this.#applied.has('gitops') ? [] : ['there is no ArgoCD any more that would delete them'];
  }

  #destroy(name: StackName): string[] {
    const applied = this.#applied.get(name);
    if (!applied) return [`${name} is destroyed twice`];
    const faults = [
      ...this.#readersOf(name).map((reader) => `${reader} still reads what ${name} hands on`),
      ...(name === 'bootstrap' ? this.#stateFaults() : []),
      ...(name === 'gitops' && this.#hasMadeThings ? ['what ArgoCD made stays, and no state has it'] : []),
      // A plan reads this in the JSON of today, and the clouds keep what was applied.
      ...locksIn(this.#json[name], isPlanLock).map((lock) => `${name}/${lock}`),
      ...locksIn(applied, isCloudLock).map((lock) => `${name}/${lock}`),
    ];
    this.#applied.delete(name);
    return faults;
  }

  #readersOf(name: StackName): StackName[] {
    const model = new Model(this.#json, this.#settings);
    return crossings(model)
      .filter(({ source, reader }) => source === name && this.#applied.has(reader))
      .map(({ reader }) => reader);
  }

  /** Bootstrap's bucket holds the states of all, its own too. */
  #stateFaults(): string[] {
    const others = this.standing.filter((name) => name !== 'bootstrap');
    const isRead = this.#settings.bootstrap.state === 'file';
    return [
      ...others.map((name) => `the state of ${name} lies in ${stateBucketName(this.#settings)}`),
      ...(this.#isStateInFile && isRead ? [] : ['the state of bootstrap would go with its bucket']),
    ];
  }
}

/** The name of an attribute, and the value by which it keeps a resource from being deleted. */
const CLOUD_LOCKS: Readonly<Record<string, unknown>> = {
  deletion_protection: true,
  deletion_protection_enabled: true,
  delete_protection_state: 'DELETE_PROTECTION_ENABLED',
  force_destroy: false,
  force_delete: false,
  prevent_destroy: undefined,
};
const isPlanLock = (key: string, value: unknown): boolean => key === 'prevent_destroy' && value === true;
const isCloudLock = (key: string, value: unknown): boolean =>
  key in CLOUD_LOCKS && CLOUD_LOCKS[key] === value;

/** Attributes that sound like a lock, and are none of those that are known. */
export const unknownLocks = (stack: StackJson): string[] =>
  locksIn(
    stack,
    (key) => /(^|_)(protect|protection|force_de\w+|prevent_destroy)(_|$)/.test(key) && !(key in CLOUD_LOCKS),
  );

/** `aws_s3_bucket.states: force_destroy` */
const locksIn = ({ resource = {} }: StackJson, isLock: (key: string, value: unknown) => boolean): string[] =>
  Object.entries(resource).flatMap(([type, bodies]) =>
    Object.entries(bodies).flatMap(([name, body]) =>
      keysIn(body)
        .filter(([key, value]) => isLock(key, value))
        .map(([key]) => `${type}.${name}: ${key}`),
    ),
  );

function keysIn(value: unknown): [key: string, value: unknown][] {
  if (Array.isArray(value)) return value.flatMap(keysIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [[key, one] as [string, unknown], ...keysIn(one)]);
}
