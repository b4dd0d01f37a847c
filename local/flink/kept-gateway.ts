// Flink's SQL gateway, started for the first caller with statements, and kept a while for the next: its start takes nine seconds of a
// processor, and its memory is worth having back.
import { AppError } from '#runtime/errors.ts';
import { freePort } from '../launcher/ports.ts';
import type { Ward } from '../launcher/ward.ts';
import { waitUntilReady } from '../server/ready.ts';
import { answersGateway, runStatements } from './gateway.ts';

const READY_MS_MAX = 90_000;
/** Longer than it takes to stop a job and begin the next. */
const IDLE_MS = 60_000;

export interface KeptGateway {
  /** Runs statements in a session of their own. Resolves with the id of the job that they began. */
  run(statements: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

interface Running {
  readonly ward: Ward;
  readonly address: string;
}

/** `start` starts the program on a port. */
export function keepGateway(start: (port: number) => Promise<Ward>, idleMs = IDLE_MS): KeptGateway {
  let running: Promise<Running> | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;
  let isStopped = false;
  const stopRunning = async (): Promise<void> => {
    const stopping = running;
    running = undefined;
    await (await stopping?.catch(() => undefined))?.ward.stop();
  };
  const open = (): Promise<Running> => {
    const opening = openGateway(start);
    const forget = (): void => {
      if (running === opening) running = undefined;
    };
    opening.then(({ ward }) => ward.ended).then(forget, forget);
    running = opening;
    return opening;
  };
  return {
    run: async (statements) => {
      if (isStopped) throw new AppError('flink-stopped', 'the SQL gateway was stopped with its cluster');
      clearTimeout(idle);
      users += 1;
      try {
        const { address } = await (running ?? open());
        return await runStatements(address, statements);
      } finally {
        users -= 1;
        // Nobody awaits it: the next to have statements starts another.
        if (users === 0) idle = setTimeout(() => void stopRunning(), idleMs).unref();
      }
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(idle);
      await stopRunning();
    },
  };
}

async function openGateway(start: (port: number) => Promise<Ward>): Promise<Running> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const ward = await start(port);
  try {
    await waitUntilReady(ward, () => answersGateway(address), READY_MS_MAX);
    return { ward, address };
  } catch (error) {
    await ward.stop();
    throw error;
  }
}
