// A log of an embedded server, in a file: the launcher's own output is for people. In a container the output is the log.
import { destination, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';

/** In place of a file: the process's own output. */
export const STANDARD_OUTPUT = '-';
const STDOUT = 1;

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
    destination({ dest: file === STANDARD_OUTPUT ? STDOUT : file, mkdir: true, sync: true }),
  );
}
