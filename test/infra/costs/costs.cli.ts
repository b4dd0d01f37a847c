// `npm run costs` writes docs/costs.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENTS, type EnvironmentName } from '../../../stacks/settings.ts';
import { Model } from '../model.ts';
import { platformOf, SETTINGS } from '../synth.ts';
import { COSTS_PAGE, costsPage } from './costs-page.ts';

const models = Object.fromEntries(
  ENVIRONMENTS.map((name) => [name, new Model(platformOf(name), SETTINGS[name])]),
) as Record<EnvironmentName, Model>;
writeFileSync(join(import.meta.dirname, '../../..', COSTS_PAGE), costsPage(models));
process.stdout.write(`${COSTS_PAGE} is written\n`);
