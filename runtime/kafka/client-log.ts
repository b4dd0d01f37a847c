// What kafkajs has to say, in our log.
import { type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from '../log.ts';

/** kafkajs reports routine rebalances and retries as errors; only what it gives up on is one for us. */
export function logEntry(log: Logger, { namespace, level, log: { message, ...facts } }: LogEntry): void {
  const entry = {
    from: `kafkajs/${namespace}`,
    error: facts.error,
    groupId: facts.groupId,
    topic: facts.topic,
  };
  if (level === logLevel.ERROR) log.warn(entry, message);
  else if (level === logLevel.WARN) log.info(entry, message);
  else log.debug(entry, message);
}
