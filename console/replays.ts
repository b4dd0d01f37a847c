// Replays of dead letters, asked for by an admin: exactly what `npm run replay:dead-letters` does, one at a time, and what came of the last.
import type { Topic } from '#contracts/topic.ts';
import { messageOf } from '#runtime/errors.ts';
import { Problem } from '#runtime/http/problem.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { replayDeadLetters } from '#runtime/kafka/dead-letter-replay.ts';
import type { Logger } from '#runtime/log.ts';

export interface ReplayReport {
  readonly topic: string;
  readonly startedAt: string;
  /** Missing while it runs. */
  readonly endedAt?: string;
  readonly replayed: number;
  /** Kept in part only: the record itself is in the topic. */
  readonly left: number;
  readonly hasFailed: boolean;
}

export interface Replays {
  /** Begins one, and resolves when it has ended. @throws Problem 409 `replay-running` */
  start(topic: Topic<unknown>): { readonly ended: Promise<void> };
  /** The one that runs, or the last one since this process began. */
  latest(): ReplayReport | undefined;
}

export function createReplays(client: KafkaClient, log: Logger, replay = replayDeadLetters): Replays {
  let latest: ReplayReport | undefined;
  const run = async (topic: Topic<unknown>): Promise<void> => {
    const report = { topic: topic.name, startedAt: new Date().toISOString(), replayed: 0, left: 0 };
    const update = (change: Partial<ReplayReport>): void => {
      latest = { ...report, hasFailed: false, ...change };
    };
    update({});
    const end = (hasFailed: boolean): void => update({ endedAt: new Date().toISOString(), hasFailed });
    try {
      await replay({
        client,
        topic,
        log,
        isList: false,
        onLetter: (_letter, outcome) => {
          if (outcome !== 'listed') report[outcome] += 1;
          update({});
        },
      });
      end(false);
    } catch (error) {
      log.warn({ topic: topic.name, reason: messageOf(error) }, 'a replay of dead letters has failed');
      end(true);
    }
    const { replayed, left } = report;
    log.info({ topic: topic.name, replayed, left }, 'a replay of dead letters has ended');
  };
  return {
    latest: () => latest,
    start: (topic) => {
      if (latest && !latest.endedAt)
        throw new Problem(409, 'replay-running', 'Another replay is running: wait until it has ended.');
      return { ended: run(topic) };
    },
  };
}
