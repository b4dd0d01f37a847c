// What the reconciliations found last, and for admins the start of one: the same commands as in a terminal, one at a time, each as a
// separate process, which is ended when it takes too long.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Problem } from '#runtime/http/problem.ts';
import { RECONCILIATIONS, type Reconciliation, readVerdict, type Verdict } from '#runtime/kept-verdict.ts';
import type { Logger } from '#runtime/log.ts';
import type { AdminsOnly } from './admins.ts';

const ROOT = join(import.meta.dirname, '..');
const RUN_MS_MAX = 180_000;

/** Each waits less than in a terminal, because a person waits for the page. */
const COMMANDS: Readonly<Record<Reconciliation, readonly string[]>> = {
  counts: ['analytics/reconcile/main.ts', '--settle', '60', '--windows', '0'],
  orders: ['services/reconcile-orders.ts', '--wait', '30'],
  payments: ['services/payment/reconcile.ts', '--settle', '1'],
};

export interface ReconciliationAnswer {
  readonly name: Reconciliation;
  /** Missing where it never ran. */
  readonly last?: Verdict;
  /** Since when it runs, where it was started here and has not ended. */
  readonly runningSince?: string;
}

export interface Reconciliations {
  read(): Promise<readonly ReconciliationAnswer[]>;
  /** Begins one, and resolves when it has ended. @throws Problem 409 `reconciliation-running` */
  start(name: Reconciliation): { readonly ended: Promise<void> };
  /** Ends the one that runs. */
  stop(): Promise<void>;
}

export interface ReconciliationsOptions {
  readonly folder: string;
  readonly log: Logger;
  /** @default a Node process in the repository, with this one's environment */
  readonly run?: (args: readonly string[]) => ChildProcess;
  /** @default three minutes */
  readonly runMsMax?: number;
}

const runNode = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...args], { cwd: ROOT, stdio: 'ignore' });

export function createReconciliations(options: ReconciliationsOptions): Reconciliations {
  const { folder, log, run = runNode, runMsMax = RUN_MS_MAX } = options;
  let running:
    | { readonly name: Reconciliation; readonly since: string; readonly child: ChildProcess }
    | undefined;
  let ended = Promise.resolve();
  return {
    read: () =>
      Promise.all(
        RECONCILIATIONS.map(async (name) => ({
          name,
          ...given('last', await readVerdict(folder, name)),
          ...given('runningSince', running?.name === name ? running.since : undefined),
        })),
      ),
    start: (name) => {
      if (running)
        throw new Problem(
          409,
          'reconciliation-running',
          'Another comparison is running: wait until it has ended.',
        );
      const child = run(COMMANDS[name]);
      running = { name, since: new Date().toISOString(), child };
      ended = endOf(child, runMsMax).then((how) => {
        running = undefined;
        log.info({ reconciliation: name, how }, 'a reconciliation has ended');
      });
      return { ended };
    },
    stop: async () => {
      running?.child.kill('SIGKILL');
      await ended;
    },
  };
}

const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;

function endOf(child: ChildProcess, msMax: number): Promise<string> {
  const late = setTimeout(() => child.kill('SIGKILL'), msMax);
  return new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, signal) => resolve(String(signal ?? code)));
  }).finally(() => clearTimeout(late));
}

export function useReconciliations(
  app: FastifyInstance,
  reconciliations: Reconciliations,
  adminsOnly: AdminsOnly,
): void {
  app.get('/api/reconciliations', async () => ({
    asOf: new Date().toISOString(),
    reconciliations: await reconciliations.read(),
  }));
  app.post<{ Params: { name: string } }>(
    '/api/reconciliations/:name/runs',
    { onRequest: adminsOnly },
    async ({ params }, reply) => {
      const name = RECONCILIATIONS.find((one) => one === params.name);
      if (!name) throw new Problem(404, 'reconciliation-unknown', 'There is no such comparison.');
      // Its result is read from where it keeps it.
      void reconciliations.start(name).ended;
      return reply.code(202).send({ name });
    },
  );
}
