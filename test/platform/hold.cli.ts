// Holds the servers of the specs until Ctrl-C, for runs one after the other without their start. Prints the variables as
// shell text: `node test/platform/hold.cli.ts > platform.env`, then `set -a; . ./platform.env` in another terminal.
import { runMain } from '#runtime/lifecycle.ts';
import { sayOnStderr, startPlatform } from './platform.ts';

runMain(async () => {
  const platform = await startPlatform(sayOnStderr());
  for (const [name, value] of Object.entries(platform.env)) process.stdout.write(`${name}='${value}'\n`);
  process.stderr.write('platform: holding; Ctrl-C stops it\n');
  const hold = setInterval(() => {}, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clearInterval(hold);
      void platform.stop();
    });
  }
});
