// A service under fire: its document and a seed in, requests sent a few at a time, everything that was wrong out.
import fc from 'fast-check';
import { type Document, operationsOf, type PlacedOperation } from '../contracts/openapi-rules.ts';
import { longTextsTo } from './long-texts.ts';
import type { RequestSources } from './odd-headers.ts';
import { type RawRequest, requestsTo } from './odd-requests.ts';
import { brokenCursors, parserTextsTo, takesCursor } from './parser-texts.ts';
import { usualRequests } from './usual-request.ts';
import { judgeBy } from './verdict.ts';
import { openWire, type RawAnswer, type Wire } from './wire.ts';

export interface Campaign {
  readonly document: Document;
  readonly address: string;
  readonly sources: RequestSources;
  readonly seed: number;
  readonly requestsPerOperation: number;
  /** How many callers change the same thing at the same moment. @default 240 */
  readonly crowd?: number;
  /**
   * An answer is slow when it takes both: this long, so that a pause of the machine does not count where the median is a
   * millisecond, and 50 times the median, so that a slow machine changes nothing. And then once more when it is asked alone:
   * what the machine did does not come twice, what a regular expression does comes every time. @default 2 s
   */
  readonly slowMs?: number;
}

export interface Findings {
  /** By operation and fault, the first request that showed it. */
  readonly faults: Readonly<Record<string, string>>;
  readonly sentCount: number;
  readonly countByStatus: Readonly<Record<number, number>>;
  readonly medianMs: number;
}

const CONCURRENT = 8;
const CROWD = 240;
const SLOW_MEDIANS = 50;

/** Sends the requests of a seed, and the long texts, to every operation of a document. */
export async function runCampaign(campaign: Campaign): Promise<Findings> {
  const { document, address, sources, seed, requestsPerOperation: numRuns, crowd = CROWD } = campaign;
  const wire = openWire(address, CONCURRENT);
  const crowdWire = openWire(address, crowd);
  const watch = watcher(campaign, wire, crowdWire);
  // What deletes comes last, or the others would find nothing.
  const operations = operationsOf(document).toSorted((a, b) => rankOf(a) - rankOf(b));
  try {
    for (const [index, placed] of operations.entries()) {
      const requests = fc.sample(requestsTo(placed, sources), { seed: seed + index, numRuns });
      await inParallel(requests, (sent) => watch.send(placed, sent));
      // One by one: a process that stands still for one of them must not be blamed on its neighbours.
      for (const sent of longTextsTo(placed, sources)) await watch.send(placed, sent);
      await inParallel(parserTextsTo(placed, sources), (sent) => watch.send(placed, sent));
      if (takesCursor(placed)) await tryCursors(watch, placed, sources);
      await sendCrowd(watch, placed, sources, crowd);
    }
    return await watch.findings();
  } finally {
    wire.close();
    crowdWire.close();
  }
}

type Watcher = ReturnType<typeof watcher>;

/** A list's own cursor, with one value after the other replaced by what no row has. */
async function tryCursors(watch: Watcher, placed: PlacedOperation, sources: RequestSources): Promise<void> {
  const [usual] = usualRequests(placed, sources, 1);
  if (!usual) return;
  const page = await watch.send(placed, { ...usual, target: `${usual.target}?limit=1` });
  const cursor = page?.status === 200 ? (JSON.parse(page.text) as { next?: string }).next : undefined;
  if (cursor === undefined) return;
  const requests = brokenCursors(cursor).map((broken) => ({
    ...usual,
    target: `${usual.target}?cursor=${broken}`,
  }));
  await inParallel(requests, (sent) => watch.send(placed, sent));
}

/** Many changes by one caller at the same moment: each is done or refused, and none is a fault of ours. */
async function sendCrowd(
  watch: Watcher,
  placed: PlacedOperation,
  sources: RequestSources,
  crowd: number,
): Promise<void> {
  if (placed.method === 'get') return;
  const requests = usualRequests(placed, sources, crowd);
  await Promise.all(requests.map((sent) => watch.sendInCrowd(placed, sent)));
}

const nameOf = ({ method, path }: PlacedOperation): string => `${method.toUpperCase()} ${path}`;

const rankOf = ({ method }: PlacedOperation): number => (method === 'delete' ? 1 : 0);

/** Sends requests and remembers what came of them. */
function watcher({ document, sources, slowMs = 2_000 }: Campaign, wire: Wire, crowdWire: Wire) {
  const judge = judgeBy(document);
  const faults: Record<string, string> = {};
  const countByStatus: Record<number, number> = {};
  const times: Timed[] = [];
  const note = (name: string, fault: string, sent: RawRequest): void => {
    faults[`${name}: ${fault}`] ??= shown(sent, sources);
  };
  const heard = (
    placed: PlacedOperation,
    sent: RawRequest,
    answer: Awaited<ReturnType<Wire['send']>>,
  ): RawAnswer | undefined => {
    const name = nameOf(placed);
    if ('broken' in answer) {
      note(name, `no answer: ${answer.broken}`, sent);
      return undefined;
    }
    countByStatus[answer.status] = (countByStatus[answer.status] ?? 0) + 1;
    for (const fault of judge(sent, answer)) note(name, fault, sent);
    const isBad = sources.badTokens.includes(sent.headers.authorization ?? '');
    if (isGuarded(placed, sent) && isBad && answer.status < 300) note(name, 'let a bad token in', sent);
    return answer;
  };
  return {
    async send(placed: PlacedOperation, sent: RawRequest): Promise<RawAnswer | undefined> {
      const answer = heard(placed, sent, await wire.send(sent));
      if (answer) times.push({ elapsedMs: answer.elapsedMs, name: nameOf(placed), sent });
      return answer;
    },
    /** Not among the times: in a crowd everybody waits. */
    async sendInCrowd(placed: PlacedOperation, sent: RawRequest): Promise<void> {
      heard(placed, sent, await crowdWire.send(sent));
    },
    async findings(): Promise<Findings> {
      const medianMs = times.map((one) => one.elapsedMs).toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
      const limitMs = Math.max(slowMs, SLOW_MEDIANS * medianMs);
      for (const { name, sent } of slowest(times, limitMs)) {
        if (await isSlowAlone(wire, sent, limitMs)) note(name, 'is slow', sent);
      }
      return { faults, sentCount: times.length, countByStatus, medianMs };
    },
  };
}

/** Another method of the same path may be open to anyone. */
const isGuarded = ({ operation, method }: PlacedOperation, sent: RawRequest): boolean =>
  (operation.security?.length ?? 0) > 0 && sent.method === method.toUpperCase();

interface Timed {
  readonly elapsedMs: number;
  readonly name: string;
  readonly sent: RawRequest;
}

/** The slowest of each operation that is slow at all: repeating all of them would take minutes. */
function slowest(times: readonly Timed[], limitMs: number): Timed[] {
  const slow = times
    .filter(({ elapsedMs }) => elapsedMs > limitMs)
    .toSorted((a, b) => b.elapsedMs - a.elapsedMs);
  return [...Map.groupBy(slow, ({ name }) => name).values()].flatMap(([worst]) => worst ?? []);
}

async function isSlowAlone(wire: Wire, sent: RawRequest, limitMs: number): Promise<boolean> {
  const answer = await wire.send(sent);
  return 'broken' in answer || answer.elapsedMs > limitMs;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: CONCURRENT }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

/** A request as a person can repeat it, without its token; of long texts the beginning and the length. */
function shown({ method, target, headers, body }: RawRequest, { badTokens }: RequestSources): string {
  const { authorization, ...others } = headers;
  const bad = badTokens.indexOf(authorization ?? '');
  const sender = bad >= 0 ? ` with bad token ${bad}` : authorization ? ' with a token' : '';
  return `${method} ${cut(target)}${sender} ${cut(JSON.stringify(others))} ${cut(body?.toString() ?? '')}`;
}

const cut = (text: string): string =>
  text.length > 300 ? `${text.slice(0, 250)}…${JSON.stringify(text.slice(-20))} (${text.length})` : text;
