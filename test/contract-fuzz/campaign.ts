// A service under fire: its document and a seed in, requests sent a few at a time, everything that was wrong out.
import fc from 'fast-check';
import { type Document, operationsOf, type PlacedOperation } from '../contracts/openapi-rules.ts';
import { longTextsTo } from './long-texts.ts';
import type { RequestSources } from './odd-headers.ts';
import { type RawRequest, requestsTo } from './odd-requests.ts';
import { judgeBy } from './verdict.ts';
import { openWire, type Wire } from './wire.ts';

export interface Campaign {
  readonly document: Document;
  readonly address: string;
  readonly sources: RequestSources;
  readonly seed: number;
  readonly requestsPerOperation: number;
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
const SLOW_MEDIANS = 50;

/** Sends the requests of a seed, and the long texts, to every operation of a document. */
export async function runCampaign(campaign: Campaign): Promise<Findings> {
  const { document, address, sources, seed, requestsPerOperation: numRuns } = campaign;
  const wire = openWire(address, CONCURRENT);
  const watch = watcher(campaign, wire);
  // What deletes comes last, or the others would find nothing.
  const operations = operationsOf(document).toSorted((a, b) => rankOf(a) - rankOf(b));
  try {
    for (const [index, placed] of operations.entries()) {
      const requests = fc.sample(requestsTo(placed, sources), { seed: seed + index, numRuns });
      await inParallel(requests, (sent) => watch.send(placed, sent));
      // One by one: a process that stands still for one of them must not be blamed on its neighbours.
      for (const sent of longTextsTo(placed, sources)) await watch.send(placed, sent);
    }
    return await watch.findings();
  } finally {
    wire.close();
  }
}

const nameOf = ({ method, path }: PlacedOperation): string => `${method.toUpperCase()} ${path}`;

const rankOf = ({ method }: PlacedOperation): number => (method === 'delete' ? 1 : 0);

/** Sends requests and remembers what came of them. */
function watcher({ document, sources, slowMs = 2_000 }: Campaign, wire: Wire) {
  const judge = judgeBy(document);
  const faults: Record<string, string> = {};
  const countByStatus: Record<number, number> = {};
  const times: { elapsedMs: number; name: string; sent: RawRequest }[] = [];
  const note = (name: string, fault: string, sent: RawRequest): void => {
    faults[`${name}: ${fault}`] ??= shown(sent, sources);
  };
  return {
    async send(placed: PlacedOperation, sent: RawRequest): Promise<void> {
      const name = nameOf(placed);
      const answer = await wire.send(sent);
      if ('broken' in answer) return note(name, `no answer: ${answer.broken}`, sent);
      countByStatus[answer.status] = (countByStatus[answer.status] ?? 0) + 1;
      times.push({ elapsedMs: answer.elapsedMs, name, sent });
      for (const fault of judge(sent, answer)) note(name, fault, sent);
      // Another method of the same path may be open to anyone.
      const isGuarded = placed.operation.security?.length && sent.method === placed.method.toUpperCase();
      const isBad = sources.badTokens.includes(sent.headers.authorization ?? '');
      if (isGuarded && isBad && answer.status < 300) note(name, 'let a bad token in', sent);
    },
    async findings(): Promise<Findings> {
      const medianMs = times.map((one) => one.elapsedMs).toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
      const limitMs = Math.max(slowMs, SLOW_MEDIANS * medianMs);
      const slow = Object.entries(
        Object.groupBy(
          times.filter(({ elapsedMs }) => elapsedMs > limitMs),
          ({ name }) => name,
        ),
      );
      for (const [name, ones = []] of slow) {
        // One of an operation is enough: repeating each would take minutes.
        const [worst] = ones.toSorted((a, b) => b.elapsedMs - a.elapsedMs);
        if (worst && (await isSlowAlone(wire, worst.sent, limitMs))) note(name, 'is slow', worst.sent);
      }
      return { faults, sentCount: times.length, countByStatus, medianMs };
    },
  };
}

async function isSlowAlone(wire: Wire, sent: RawRequest, limitMs: number): Promise<boolean> {
  const answer = await wire.send(sent);
  return 'broken' in answer || answer.elapsedMs > limitMs;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
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
