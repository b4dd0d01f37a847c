// What platform pages ask beside totals and stores: processes and what flows between them, dead letters, reconciliations.
import type { FastifyInstance } from 'fastify';
import { isDoneWithin } from '#runtime/deadline.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { createPositions } from '#runtime/kafka/positions.ts';
import type { Logger } from '#runtime/log.ts';
import { createAdminsOnly } from './admins.ts';
import type { ConsoleConfig } from './config.ts';
import { createDeadLettersLook } from './dead-letters.ts';
import { useDeadLetters } from './dead-letters-http.ts';
import { createProcessesLook, useProcesses } from './processes.ts';
import { createReconciliations, useReconciliations } from './reconciliations.ts';
import { createReplays } from './replays.ts';

export interface PlatformApiParts {
  readonly config: ConsoleConfig;
  readonly client: KafkaClient;
  readonly log: Logger;
}

/** Nothing is asked of the broker or of a process before a page asks. Returns how to stop. */
export function usePlatformApi(app: FastifyInstance, { config, client, log }: PlatformApiParts) {
  const adminsOnly = createAdminsOnly(config);
  // A connection for each look: one that rests must not end what the other asks.
  const [flows, letters] = [createPositions(client), createPositions(client)];
  const addresses = config.PROCESS_ADDRESSES ?? new Map<string, string>();
  useProcesses(app, createProcessesLook({ positions: flows, addresses, log }));
  const look = createDeadLettersLook({ client, positions: letters, log });
  useDeadLetters(app, { look, replays: createReplays(client, log), adminsOnly });
  const reconciliations = createReconciliations({ folder: config.RECONCILE_FOLDER, log });
  useReconciliations(app, reconciliations, adminsOnly);
  return async (): Promise<void> => {
    await reconciliations.stop();
    // A connection that does not come about is given up by its client in its own time.
    await isDoneWithin(1_000, Promise.all([flows.rest(), letters.rest()]));
  };
}
