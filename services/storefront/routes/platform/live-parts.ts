// Parts of a page as they change: HTML of our own pages by the name of the part, and whether it still is what there is now. When what
// they are read from is away, the page says so, and they come back by themselves.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveState } from '../../pages/platform/props.ts';
import type { Site } from '../../site.ts';
import { createStreams, eventText, HEARTBEAT, retryText } from '../streams.ts';

/** Below the console's own limit (console/totals-http.ts). */
const STREAMS_MAX = 40;
const STREAMS_OF_VISITOR_MAX = 8;

/** `still`: nothing is new. */
export type PartNews =
  | 'still'
  | { readonly away: LiveState }
  /** `state`: of another source of the same page; `as-before` where that has not told it yet. */
  | { readonly parts: Parts; readonly state?: LiveState | 'as-before' };
/** HTML by the part's name (`data-part`). */
export type Parts = Readonly<Record<string, string>>;

export const CONSOLE_AWAY: LiveState = {
  name: 'away',
  title: 'Waiting for the console',
  words: 'The console does not answer. This page keeps trying, and comes back by itself.',
};
export const LIVE: LiveState = { name: 'live', title: 'Live', words: '' };

export interface PartStreams {
  /** @param read throws when what it reads is away; it is called again after a while, until the signal */
  send(
    request: FastifyRequest,
    reply: FastifyReply,
    read: (signal: AbortSignal) => AsyncIterable<PartNews>,
  ): FastifyReply;
}

/** One bound for the streams of all platform pages. */
export function createPartStreams(app: FastifyInstance, { config }: Site): PartStreams {
  const streams = createStreams(app, { streamsMax: STREAMS_MAX, ofVisitorMax: STREAMS_OF_VISITOR_MAX });
  return {
    send: (request, reply, read) => streams.send(request, reply, (signal) => follow(config, read, signal)),
  };
}

async function* follow(
  { PLATFORM_STREAM_MS_MAX, PLATFORM_RETRY_MS }: Site['config'],
  read: (signal: AbortSignal) => AsyncIterable<PartNews>,
  leaving: AbortSignal,
): AsyncGenerator<string> {
  const signal = AbortSignal.any([leaving, AbortSignal.timeout(PLATFORM_STREAM_MS_MAX)]);
  let said = '';
  const sent = new Map<string, string>();
  const partsText = (parts: Parts): string => {
    const changed = Object.entries(parts).filter(([name, html]) => sent.get(name) !== html);
    for (const [name, html] of changed) sent.set(name, html);
    return changed.length === 0 ? HEARTBEAT : eventText('parts', Object.fromEntries(changed));
  };
  const state = (now: LiveState): string => {
    const isSaid = said === now.title;
    said = now.title;
    return isSaid ? HEARTBEAT : eventText('state', now);
  };
  yield retryText(PLATFORM_RETRY_MS);
  while (!signal.aborted) {
    try {
      for await (const news of read(signal)) {
        if (news === 'still') yield HEARTBEAT;
        else if ('away' in news) yield state(news.away);
        else yield partsText(news.parts) + (news.state === 'as-before' ? '' : state(news.state ?? LIVE));
      }
    } catch {
      if (!signal.aborted) yield state(CONSOLE_AWAY);
    }
    await sleep(PLATFORM_RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
