// A log of an embedded server, in a file: the launcher's own output is for people.
import { destination, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';

/** JSON lines appended to the file, written at once: what a killed process said last is there. */
export function createFileLog(name: string, file: string): Logger {
  return pino(
    {
      name,
      base: { process: name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    destination({ dest: file, mkdir: true, sync: true }),
  );
}
