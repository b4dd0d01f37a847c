// One look for all requests at about the same time, and none while there are no requests.
import { within } from '#runtime/deadline.ts';

export interface SharedLookOptions<Found> {
  readonly look: () => Promise<Found>;
  /** What was found is good for this long. */
  readonly freshMs: number;
  /** How long one request waits at most. The look continues, and the next request waits for the same one: looks never pile up. */
  readonly waitMsMax: number;
  /** Called when there was no request for this long, so that what a look keeps open can be closed. */
  readonly onRest?: () => void;
  /** @default 30 s */
  readonly restAfterMs?: number;
}

/** @throws what the look throws, or `deadline-exceeded` */
export function shareLook<Found>(options: SharedLookOptions<Found>): () => Promise<Found> {
  const { look, freshMs, waitMsMax, onRest, restAfterMs = 30_000 } = options;
  let running: Promise<Found> | undefined;
  let found: { readonly value: Found; readonly untilMs: number } | undefined;
  let resting: NodeJS.Timeout | undefined;
  const start = (): Promise<Found> => {
    const looking = look().then((value) => {
      found = { value, untilMs: Date.now() + freshMs };
      return value;
    });
    const over = (): void => {
      running = undefined;
    };
    looking.then(over, over);
    return looking;
  };
  return async () => {
    if (onRest) {
      clearTimeout(resting);
      resting = setTimeout(onRest, restAfterMs).unref();
    }
    if (found && found.untilMs > Date.now()) return found.value;
    running ??= start();
    return within(waitMsMax, running, { what: 'the look' });
  };
}
