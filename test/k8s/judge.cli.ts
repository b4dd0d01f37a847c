// `npm run check:manifests`: every rule over the overlays in Git, or in another folder, as a list of what to do.
import { parseArgs } from 'node:util';
import { OVERLAYS_FOLDER, overlaysIn, readContent } from './content.ts';
import { faultsOf, lineOf } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { unwaived } from './rules/waivers.ts';
import { installValidator } from './schemas/kubernetes-validate.ts';

const HELP = `Judges the rendered manifests as npm test does, and lists every fault with what to do about it.

  npm run check:manifests [-- --install] [-- --overlays <folder>] [-- --overlay <name>]

  --install    also gets kubernetes-validate into .cache, once (Python 3.10 or newer, 145 MB), which npm test asks from then on
  --overlays   another folder than k8s/overlays
  --overlay    one of them alone, such as local
  --help       this text`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): void {
  const { values } = parseArgs({
    options: {
      overlays: { type: 'string', default: OVERLAYS_FOLDER },
      overlay: { type: 'string' },
      install: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return say(HELP);
  if (values.install) install();
  const names = overlaysIn(values.overlays).filter((name) => !values.overlay || name === values.overlay);
  for (const name of names) {
    const content = readContent(values.overlays, name);
    const faults = unwaived(RULES.flatMap((rule) => faultsOf(rule, content)));
    for (const fault of faults) say(lineOf(fault));
    say(`${name}: ${content.placed.length} objects, ${faults.length} faults`);
    if (faults.length > 0) process.exitCode = 1;
  }
}

function install(): void {
  const validator = installValidator(say);
  if ('path' in validator) return say('kubernetes-validate is installed');
  process.stderr.write(`kubernetes-validate is NOT INSTALLED: ${validator.missing}\n`);
  process.exitCode = 2;
}

main();
