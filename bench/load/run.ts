// A profile in, its figures out. Customers are registered, journeys begin at the rate of each step, and at the end the accounts are
// erased. An open load: slow answers do not slow the rate.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Customer, closeAccount, openAccount } from '../../k8s/load/scenario/customers.ts';
import { JOURNEYS } from '../../k8s/load/scenario/journeys.ts';
import {
  journeyOf,
  type LoadStep,
  type Profile,
  REGISTER_EVERY_S,
} from '../../k8s/load/scenario/profiles.ts';
import { drive, type OnSent } from './drive.ts';
import { type Addresses, createSender, type Sender } from './send.ts';
import { Tally } from './tally.ts';

export interface LoadOptions {
  readonly addresses: Addresses;
  readonly profile: Profile;
  /** Each registers at the pace that one address may; customers come from them in turn. @default eight, where this machine has so many */
  readonly origins?: readonly (string | undefined)[];
  /** Called for every request, including those that open and close accounts. */
  readonly onSent?: OnSent;
  readonly say?: (line: string) => void;
  /** Once everybody is signed in. */
  readonly onReady?: () => Promise<void> | void;
  /** Called after each step with its result. */
  readonly onStep?: (step: LoadStep, tally: Tally) => Promise<void> | void;
  /** Ends the load early; journeys in progress finish. */
  readonly signal?: AbortSignal;
}

/** A customer with an account, and the connection to the shop. */
export interface Shopper {
  customer: Customer;
  readonly sender: Sender;
}

const OPEN_ATTEMPTS = 3;
const MANY_ORIGINS = Array.from({ length: 8 }, (_, at) => `127.0.1.${at + 1}`);
/** Other systems have 127.0.0.1 alone: there customers register one after the other, at the pace that one address may. */
export const ORIGINS: readonly (string | undefined)[] =
  process.platform === 'linux' ? MANY_ORIGINS : [undefined];

/** A tally for each step. @throws when customers cannot be registered */
export async function runLoad(options: LoadOptions): Promise<Tally[]> {
  const { profile, say = () => {}, onSent = () => {} } = options;
  say(`registering ${profile.customers} customers`);
  const shoppers = await openAccounts(options, onSent);
  try {
    await options.onReady?.();
    return await walk(options, shoppers, onSent);
  } finally {
    say('erasing their accounts');
    for (const { customer, sender } of shoppers) {
      await drive(closeAccount(customer), sender, onSent);
      sender.close();
    }
  }
}

/** Side by side by origin, and one after the other of the same one. */
export async function openAccounts(
  { addresses, profile, origins = ORIGINS }: LoadOptions,
  onSent: OnSent,
): Promise<Shopper[]> {
  const lines = origins.map(async (origin, first) => {
    const own: Shopper[] = [];
    for (let at = first; at < profile.customers; at += origins.length) {
      const earliest = performance.now() + REGISTER_EVERY_S * 1_000;
      own.push(await openOne(addresses, origin, onSent));
      const isLast = at + origins.length >= profile.customers;
      if (!isLast) await sleep(Math.max(0, earliest - performance.now()));
    }
    return own;
  });
  return (await Promise.all(lines)).flat();
}

/** A busy machine may take longer for a password's hash than the customer waits: then another customer comes. */
async function openOne(addresses: Addresses, origin: string | undefined, onSent: OnSent): Promise<Shopper> {
  const sender = createSender(addresses, origin);
  let failure = '';
  const heard: OnSent = (sent) => {
    if (sent.failure !== undefined) failure = `${sent.ask.name}: ${sent.failure}`;
    onSent(sent);
  };
  for (let attempt = 0; attempt < OPEN_ATTEMPTS; attempt += 1) {
    const customer = await drive(openAccount(randomUUID(), randomUUID()), sender, heard);
    if (customer) return { customer, sender };
  }
  throw new Error(`a customer could not register (${failure})`);
}

async function walk(options: LoadOptions, shoppers: readonly Shopper[], onSent: OnSent): Promise<Tally[]> {
  const { profile, onStep, say = () => {}, signal } = options;
  const free = [...shoppers];
  const underWay = new Set<Promise<void>>();
  const tallies: Tally[] = [];
  let turn = 0;
  for (const step of profile.steps) {
    if (signal?.aborted) break;
    const tally = new Tally();
    tallies.push(tally);
    const begin = (): void => {
      const shopper = free.shift();
      if (!shopper) return void (tally.droppedCount += 1);
      tally.journeyCount += 1;
      const over: Promise<void> = visit(shopper, turn++, tally, onSent).finally(() => {
        free.push(shopper);
        underWay.delete(over);
      });
      underWay.add(over);
      // A failure is caught by `Promise.all` below, or here when it comes later.
      over.catch(() => {});
    };
    await atRate(step, begin, signal);
    say(lineOf(step, tally));
    await onStep?.(step, tally);
  }
  await Promise.all(underWay);
  return tallies;
}

async function visit(shopper: Shopper, turn: number, tally: Tally, onSent: OnSent): Promise<void> {
  const journey = JOURNEYS[journeyOf(turn, true)];
  const heard: OnSent = (sent) => {
    tally.sent.push(sent);
    onSent(sent);
  };
  const visiting = journey({ turn, customer: shopper.customer, newId: randomUUID });
  const result = await drive(visiting, shopper.sender, heard);
  if (!result) return;
  tally.results.push(result);
  if (result.customer) shopper.customer = result.customer;
}

async function atRate(
  { journeysPerSecond, seconds }: LoadStep,
  begin: () => void,
  signal?: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const count = Math.round(journeysPerSecond * seconds);
  /** False when the load was ended meanwhile. */
  const reaches = async (afterMs: number): Promise<boolean> => {
    const restMs = startedAt + afterMs - performance.now();
    if (restMs > 0) await sleep(restMs, undefined, signal ? { signal } : {}).catch(() => {});
    return !signal?.aborted;
  };
  for (let n = 0; n < count; n += 1) {
    if (!(await reaches((n * 1_000) / journeysPerSecond))) return;
    begin();
  }
  await reaches(seconds * 1_000);
}

const lineOf = ({ journeysPerSecond, seconds }: LoadStep, { sent, droppedCount }: Tally): string => {
  const failedCount = sent.filter(({ failure }) => failure !== undefined).length;
  return `${journeysPerSecond}/s for ${seconds} s: ${sent.length} requests, ${failedCount} failed, ${droppedCount} journeys dropped`;
};
