// `npm run secrets -- --environment dev`: fills the secrets of an environment, once the `aws` stack has made their places.
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { SECRETS, secretName } from '#contracts/deployed-settings.ts';
import { readEnvironment } from '../environments/environments.ts';
import { ENVIRONMENTS, namePrefix, SettingsError } from '../settings.ts';
import { awaited, cleared, filled, given, type Origins, renewed, type Values } from './secret-values.ts';
import { secretsManager } from './secrets-manager.ts';

const HELP = `Fills the secrets of an environment in AWS Secrets Manager, and names those that only a person can give.

  npm run secrets -- [--environment <name>] [--set <NAME> | --renew <NAME> | --clear <NAME>]

  --environment   ${ENVIRONMENTS.join(', ')}; by default SHOP_ENVIRONMENT, or else dev
  --set           takes the value of NAME from standard input, so that no shell history keeps it
  --renew         generates NAME anew and keeps the value before as NAME_PREVIOUS
  --clear         empties NAME: a value before, that nothing needs any more, or what a person once gave
  --help          this text

Without one of the last it generates what is missing and changes nothing that is there. No value is ever printed.`;

const KEY_BYTES = 32;
const generate = (): string => randomBytes(KEY_BYTES).toString('base64');

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      environment: { type: 'string' },
      set: { type: 'string' },
      renew: { type: 'string' },
      clear: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (options.help) return say(HELP);
  const change = changeOf(options);
  const settings = readEnvironment(options.environment ?? process.env.SHOP_ENVIRONMENT ?? 'dev');
  const store = secretsManager(settings.aws);
  for (const [secret, origins] of Object.entries(SECRETS)) {
    const name = secretName(namePrefix(settings), secret);
    const present = await store.read(name);
    const whole = filled(origins, present, generate);
    const wanted = change && Object.hasOwn(origins, change.name) ? await change.to(origins, whole) : whole;
    const changed = Object.keys(wanted).filter((key) => wanted[key] !== present[key]);
    if (changed.length > 0) await store.write(name, wanted);
    say(`  ${name}: ${changed.length > 0 ? `wrote ${changed.join(', ')}` : 'unchanged'}`);
    for (const one of awaited(origins, wanted))
      say(`    ${one} is empty: --set ${one}, where a service is to use it`);
  }
}

/** What is asked for beside filling. @throws SettingsError when it is more than one thing, or nothing that a secret holds */
function changeOf({ set, renew, clear }: { set?: string; renew?: string; clear?: string }) {
  const changes = [
    set === undefined
      ? []
      : {
          name: set,
          to: async (origins: Origins, values: Values) =>
            given(origins, values, set, (await text(process.stdin)).trim()),
        },
    renew === undefined
      ? []
      : {
          name: renew,
          to: (origins: Origins, values: Values) => renewed(origins, values, renew, generate),
        },
    clear === undefined
      ? []
      : { name: clear, to: (origins: Origins, values: Values) => cleared(origins, values, clear) },
  ].flat();
  if (changes.length > 1) throw new SettingsError('One of --set, --renew and --clear at a time');
  const [change] = changes;
  if (change && !Object.values(SECRETS).some((origins) => Object.hasOwn(origins, change.name)))
    throw new SettingsError(`No secret holds ${change.name}`);
  return change;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  await main();
} catch (error) {
  // A fault of the caller needs a sentence, a fault of ours its stack.
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
