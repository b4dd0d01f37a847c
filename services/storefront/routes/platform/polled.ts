// Polls for news of a page while the page is open; and makes one source of several.
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaAway } from './away.ts';
import { CONSOLE_AWAY, type PartNews, type Parts } from './live-parts.ts';

export interface PolledOptions<Answer> {
  readonly read: () => Promise<Answer>;
  readonly partsOf: (answer: Answer) => Parts;
  readonly signal: AbortSignal;
  /** Between an answer and the next question. */
  readonly everyMs: number;
}

/** Sends what is new alone. @throws what `read` throws, unless it is that Kafka is away */
export async function* polled<Answer>(options: PolledOptions<Answer>): AsyncGenerator<PartNews> {
  const { read, partsOf, signal, everyMs } = options;
  let said = '';
  while (!signal.aborted) {
    const news = await read().then((answer): PartNews => ({ parts: partsOf(answer) }), awayNews);
    const text = JSON.stringify(news);
    yield text === said ? 'still' : news;
    said = text;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

function awayNews(error: unknown): PartNews {
  const away = kafkaAway(error);
  if (away === CONSOLE_AWAY) throw error;
  return { away };
}

/** The news of all, as they come. Ends when one fails, as that one does; the others end by their signal. */
export async function* together<News>(sources: readonly AsyncIterable<News>[]): AsyncGenerator<News> {
  const waiting = new Map<AsyncIterator<News>, Promise<[AsyncIterator<News>, IteratorResult<News>]>>();
  const ask = (source: AsyncIterator<News>): void => {
    const asked = source.next().then((result): [typeof source, typeof result] => [source, result]);
    // It may fail when nothing waits for it any longer.
    asked.catch(() => {});
    waiting.set(source, asked);
  };
  for (const source of sources) ask(source[Symbol.asyncIterator]());
  while (waiting.size > 0) {
    const [source, result] = await Promise.race(waiting.values());
    if (result.done) waiting.delete(source);
    else {
      ask(source);
      yield result.value;
    }
  }
}
