// What platform pages ask beside totals and stores: processes and what flows between them, and dead letters. What is asked for changes something
// is not here: a console that may only look has nothing of it.
import type { FastifyInstance } from 'fastify';
import { isDoneWithin } from '#runtime/deadline.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { createPositions } from '#runtime/kafka/positions.ts';
import type { Logger } from '#runtime/log.ts';
import { createDeadLettersLook } from './dead-letters.ts';
import { type ReplayRoutes, useDeadLetters } from './dead-letters-http.ts';
import { createProcessesLook, useProcesses } from './processes.ts';

export interface PlatformApiParts {
  /** Of `/readyz`, by process. */
  readonly addresses: ReadonlyMap<string, string> | undefined;
  readonly client: KafkaClient;
  /** @default there is no replay here */
  readonly replay?: Pick<ReplayRoutes, 'replays' | 'adminsOnly'>;
  readonly log: Logger;
}

/** Nothing is asked of the broker or of a process before a page asks. Returns how to stop. */
export function usePlatformApi(
  app: FastifyInstance,
  { addresses = new Map<string, string>(), client, replay, log }: PlatformApiParts,
) {
  // A connection for each look: one that rests must not end what the other asks.
  const [flows, letters] = [createPositions(client), createPositions(client)];
  useProcesses(app, createProcessesLook({ positions: flows, addresses, log }));
  const look = createDeadLettersLook({ client, positions: letters, log });
  useDeadLetters(app, { look, ...replay });
  return async (): Promise<void> => {
    // A connection that does not come about is given up by its client in its own time.
    await isDoneWithin(1_000, Promise.all([flows.rest(), letters.rest()]));
  };
}
