// One spec file's turn in a worker that runs many: what it changes in the process is put back when it ends, and what
// cannot be put back safely makes it fail. What modules keep for themselves stays: specs share them as a program would.
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';
import { noteSpec } from './late-errors.ts';
import { watch } from './watchdog.ts';

type ProjectConfig = ConstructorParameters<typeof ModernFakeTimers>[0]['config'];

const ERROR_EVENTS = ['uncaughtException', 'unhandledRejection', 'rejectionHandled'] as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK', 'SIGUSR1', 'SIGUSR2'] as const;
/** No spec needs a thread for itself that long; those that call other programs wait for them at most two minutes. */
const BLOCKED_MS_MAX = 180_000;

export default class BareEnvironment {
  readonly global = globalThis;
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  readonly #faults: Error[] = [];
  readonly #putBack = putBackLater();
  readonly #signalListeners = signalListeners();
  readonly #unwatch: () => void;

  constructor({ projectConfig }: { projectConfig: ProjectConfig }, { testPath }: { testPath: string }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    noteSpec(testPath);
    const { blockedMsMax = BLOCKED_MS_MAX } = projectConfig.testEnvironmentOptions as {
      blockedMsMax?: number;
    };
    this.#unwatch = watch({ path: testPath, blockedMsMax });
    // In a worker it would look like a crash, and jest-worker would run the file again in a new one.
    process.exit = (code) => {
      const fault = new Error(
        `process.exit(${code ?? ''}) was called by a spec, or by what it runs in its process`,
      );
      this.#faults.push(fault);
      throw fault;
    };
  }

  async setup(): Promise<void> {}

  /** Called by jest-circus. When the run ends all hooks have run, and errors can still be reported for this file. */
  handleTestEvent(event: { name: string; error?: unknown }, state: { unhandledErrors: unknown[] }): void {
    if (event.error instanceof Error) showPaths(event.error);
    if (event.name !== 'run_finish') return;
    const left = signalListeners().filter((one) => !this.#signalListeners.includes(one));
    if (left.length > 0)
      this.#faults.push(new Error(`a listener for a signal is left behind: ${left.join(', ')}`));
    state.unhandledErrors.push(...this.#faults);
  }

  async teardown(): Promise<void> {
    this.#unwatch();
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    this.#putBack();
    forgetCircus();
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }

  getVmContext(): null {
    return null;
  }
}

function putBackLater(): () => void {
  const env = { ...process.env };
  const folder = process.cwd();
  const { console } = globalThis;
  const { exit } = process;
  // jest-circus takes these off and, when a spec cannot even be imported, never puts them back.
  const listeners = ERROR_EVENTS.map((event) => [event, process.rawListeners(event)] as const);
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    if (process.cwd() !== folder) process.chdir(folder);
    globalThis.console = console;
    process.exit = exit;
    for (const [event, before] of listeners) {
      process.removeAllListeners(event);
      for (const listener of before) process.on(event, listener as () => void);
    }
  };
}

const signalListeners = (): string[] =>
  SIGNALS.flatMap((signal) => process.listeners(signal).map((_one, at) => `${signal} ${at + 1}`));

/** Jest shortens paths in its reports, and leaves addresses as they are. */
function showPaths(error: Error): void {
  if (error.stack) error.stack = error.stack.replaceAll('file:///', '/');
}

/** The state of a spec's jest-circus hangs on the global object, all its tests with it. */
function forgetCircus(): void {
  const names = new Set(['JEST_STATE_SYMBOL', 'EVENT_HANDLERS', 'TEST_TIMEOUT_SYMBOL']);
  for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
    const isOfCircus = names.has(symbol.description ?? '') || symbol.description?.startsWith('RETRY_');
    if (isOfCircus) Reflect.deleteProperty(globalThis, symbol);
  }
}
