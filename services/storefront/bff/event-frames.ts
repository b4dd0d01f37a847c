// Server-sent events (WHATWG HTML §9.2) of one of our own servers, read one by one.
import { AppError } from '#runtime/errors.ts';

export interface ServerEvent {
  /** Empty for a comment, which only says that the stream is alive. */
  readonly name: string;
  readonly data: string;
}

/** Far more than any event of ours. */
const EVENT_CHARACTERS_MAX = 4_000_000;

/** @throws AppError `event-too-long` */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop()!;
    if (text.length > EVENT_CHARACTERS_MAX)
      throw new AppError('event-too-long', `an event has more than ${EVENT_CHARACTERS_MAX} characters`);
    for (const frame of frames) yield eventOf(frame);
  }
}

function eventOf(frame: string): ServerEvent {
  const valueOf = (field: string): string =>
    frame
      .split('\n')
      .flatMap((line) => (line.startsWith(`${field}:`) ? [line.slice(field.length + 1).trimStart()] : []))
      .join('\n');
  const data = valueOf('data');
  return { name: data ? valueOf('event') || 'message' : '', data };
}
