// The environments by name.
import { ENVIRONMENTS, type Settings, SettingsError } from '../settings.ts';
import { checkSettings } from '../settings-rules.ts';
import { dev } from './dev.ts';
import { prod } from './prod.ts';
import { staging } from './staging.ts';

const WRITTEN: Readonly<Record<string, unknown>> = { dev, staging, prod };

/** @throws SettingsError when there is none of that name, or its settings are faulty */
export function readEnvironment(name: string): Settings {
  if (!(name in WRITTEN))
    throw new SettingsError(`There is no environment ${name}: choose one of ${ENVIRONMENTS.join(', ')}`);
  return checkSettings(WRITTEN[name], `stacks/environments/${name}.ts`);
}
