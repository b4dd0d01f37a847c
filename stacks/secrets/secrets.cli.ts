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
  const { set, renew, clear } = options;
  const named = [set, renew, clear].filter((name) => name !== undefined);
  if (named.length > 1) throw new SettingsError('One of --set, --renew and --clear at a time');
  const settings = readEnvironment(options.environment ?? process.env.SHOP_ENVIRONMENT ?? 'dev');
  const store = secretsManager(settings.aws);
  const change = async (origins: Origins, present: Values): Promise<Values> => {
    const whole = filled(origins, present, generate);
    if (set !== undefined && set in origins)
      return given(origins, whole, set, (await text(process.stdin)).trim());
    if (renew !== undefined && renew in origins) return renewed(origins, whole, renew, generate);
    return clear !== undefined && clear in origins ? cleared(origins, whole, clear) : whole;
  };
  const secrets = Object.entries(SECRETS);
  if (named[0] !== undefined && !secrets.some(([, origins]) => named[0]! in origins))
    throw new SettingsError(`No secret holds ${named[0]}`);
  for (const [secret, origins] of secrets) {
    const name = secretName(namePrefix(settings), secret);
    const present = await store.read(name);
    const wanted = await change(origins, present);
    const changed = Object.keys(wanted).filter((key) => wanted[key] !== present[key]);
    if (changed.length > 0) await store.write(name, wanted);
    const missing = awaited(origins, wanted);
    say(`  ${name}: ${changed.length > 0 ? `wrote ${changed.join(', ')}` : 'unchanged'}`);
    for (const one of missing) say(`    ${one} is empty: --set ${one}, where a service is to use it`);
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  await main();
} catch (error) {
  // A fault of whoever calls needs a sentence, a fault of ours its stack.
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
