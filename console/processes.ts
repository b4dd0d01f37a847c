// The platform as it is drawn: every process of the contract with its health, and every topic between two of them with its rate and lag.
import type { FastifyInstance } from 'fastify';
import { groupsOf, type Process } from '#contracts/process.ts';
import { PROCESSES } from '#contracts/processes.ts';
import { within } from '#runtime/deadline.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Positions } from '#runtime/kafka/positions.ts';
import type { Logger } from '#runtime/log.ts';
import { type Flow, type FlowSample, flowsOf, keepSamples, wiresOf } from './flow.ts';
import { askHealth, type Health, healthByGroups } from './health.ts';
import { shareLook } from './shared-look.ts';

/** One process as it is drawn. */
export interface ProcessNode extends Health {
  readonly name: string;
  readonly runsOn: Process['runsOn'];
  readonly cloud: 'aws' | 'google-cloud';
  readonly stores: Process['stores'];
}

export interface ProcessesAnswer {
  /** When this was looked at. */
  readonly asOf: string;
  /** False while the broker does not answer: rates and lags are unknown then. */
  readonly isBrokerThere: boolean;
  readonly processes: readonly ProcessNode[];
  readonly flows: readonly Flow[];
}

const FRESH_MS = 2_000;
const BROKER_MS_MAX = 3_000;
const WAIT_MS_MAX = 4_500;

export interface ProcessesOptions {
  readonly positions: Positions;
  /** Of `/readyz`, by process. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly log: Logger;
  /** @default those of the contract */
  readonly processes?: readonly Process[];
  /** @default the wall clock */
  readonly now?: () => number;
  /** For how long a look is good. @default 2 s */
  readonly freshMs?: number;
  /** Longest that the broker may take. @default 3 s */
  readonly brokerMsMax?: number;
}

const cloudOf = ({ runsOn }: Process): ProcessNode['cloud'] =>
  runsOn === 'cloud-run-worker-pool' ? 'google-cloud' : 'aws';

interface BrokerLook {
  readonly flow: FlowSample;
  /** How many read, by group, of processes without an address. */
  readonly members: ReadonlyMap<string, number>;
}

/** Cloud Run gives a worker pool no address: only where it runs on this machine is there one. */
const hasNoAddress = ({ name, runsOn }: Process, addresses: ReadonlyMap<string, string>): boolean =>
  runsOn === 'cloud-run-worker-pool' && !addresses.has(name);

/** Asks the broker and every process; one look a few seconds for all who ask. */
export function createProcessesLook(options: ProcessesOptions): () => Promise<ProcessesAnswer> {
  const { positions, addresses, log, processes = PROCESSES, now = Date.now } = options;
  const { freshMs = FRESH_MS, brokerMsMax = BROKER_MS_MAX } = options;
  let samples: FlowSample[] = [];
  let asking: Promise<BrokerLook> | undefined;
  const silent = processes.filter((process) => hasNoAddress(process, addresses));
  const askBroker = async (): Promise<BrokerLook> => {
    const [flow, members] = await Promise.all([
      sampleFlow(positions, processes, now),
      positions.members(silent.flatMap(groupsOf)),
    ]);
    return { flow, members };
  };
  const broker = (): Promise<BrokerLook> => {
    // A broker that hangs is not asked again before it has answered.
    asking ??= askBroker().finally(() => {
      asking = undefined;
    });
    return within(brokerMsMax, asking, { what: 'the broker' });
  };
  const look = async (): Promise<ProcessesAnswer> => {
    const [taken, health] = await Promise.all([
      broker().catch((error: unknown) => {
        log.debug({ reason: messageOf(error) }, 'the broker cannot be asked now');
        return undefined;
      }),
      Promise.all(processes.map((process) => askHealth(process, addresses.get(process.name)))),
    ]);
    samples = taken ? keepSamples(samples, taken.flow) : [];
    const healthOf = (process: Process, at: number): Health =>
      silent.includes(process) ? healthByGroups(membersOf(process, taken?.members)) : health[at]!;
    return {
      asOf: new Date(now()).toISOString(),
      isBrokerThere: taken !== undefined,
      processes: processes.map((process, at) => {
        const { name, runsOn, stores } = process;
        return { name, runsOn, cloud: cloudOf(process), stores, ...healthOf(process, at) };
      }),
      flows: flowsOf(processes, samples),
    };
  };
  return shareLook({ look, freshMs, waitMsMax: WAIT_MS_MAX, onRest: () => void positions.rest() });
}

const membersOf = (process: Process, members: BrokerLook['members'] | undefined) =>
  members && new Map(groupsOf(process).map((group) => [group, members.get(group) ?? 0]));

async function sampleFlow(
  positions: Positions,
  processes: readonly Process[],
  now: () => number,
): Promise<FlowSample> {
  const topics = [...new Set(wiresOf(processes).map(({ topic }) => topic))];
  const readers = processes.flatMap((process) =>
    groupsOf(process).map((group) => ({ group, topics: process.consumes.map(({ name }) => name) })),
  );
  // The groups first: an end that is asked for later is never behind a position, so no lag is negative.
  const committed = await Promise.all(
    readers.map(
      async (reader) => [reader.group, await positions.committed(reader.group, reader.topics)] as const,
    ),
  );
  const ends = await positions.ends(topics);
  return {
    atMs: now(),
    ends: new Map(
      [...ends].map(([topic, partitions]) => [
        topic,
        partitions.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) })),
      ]),
    ),
    committed: new Map(committed),
  };
}

export function useProcesses(app: FastifyInstance, look: () => Promise<ProcessesAnswer>): void {
  app.get('/api/processes', () => look());
}
