// What a secret should hold, from what it holds: values are generated once, moved on when they are renewed, and otherwise left alone. Pure
// except for the randomness, which is a parameter.
import { SettingsError } from '../settings.ts';

export type Values = Readonly<Record<string, string>>;
/** Name of each value, and who makes it; see `SECRETS` in the contracts. */
export type Origins = Readonly<Record<string, 'generated' | 'former' | 'given'>>;

/** 32 random bytes in base64, which is what our keys are. */
export type Generate = () => string;

const FORMER = '_PREVIOUS';

/** With all its names: generated where there is nothing yet, empty where a person must give it. What is there stays. */
export function filled(origins: Origins, present: Values, generate: Generate): Values {
  const missing = Object.entries(origins).filter(
    ([name, origin]) => !(name in present) || (origin === 'generated' && present[name] === ''),
  );
  return {
    ...present,
    ...Object.fromEntries(missing.map(([name, origin]) => [name, origin === 'generated' ? generate() : ''])),
  };
}

/** With a new value under the name; the one before stays valid beside it, until an operator clears it. @throws SettingsError */
export function renewed(origins: Origins, present: Values, name: string, generate: Generate): Values {
  const former = `${name}${FORMER}`;
  if (origins[name] !== 'generated' || origins[former] !== 'former')
    throw new SettingsError(`${name} is nothing that we generate: give it by --set ${name}`);
  if (present[former])
    throw new SettingsError(
      `${former} is still set, and would be lost: once nothing needs it, --clear ${former}, and wait until all replicas ` +
        'have started since',
    );
  return { ...present, [former]: present[name] ?? '', [name]: generate() };
}

/** With what a person gives. @throws SettingsError */
export function given(origins: Origins, present: Values, name: string, value: string): Values {
  if (origins[name] !== 'given')
    throw new SettingsError(`${name} is made by us: --renew ${name} makes a new one`);
  if (value === '') throw new SettingsError(`Nothing came on standard input for ${name}`);
  return { ...present, [name]: value };
}

/** Without a former value. @throws SettingsError */
export function cleared(origins: Origins, present: Values, name: string): Values {
  if (origins[name] === 'generated')
    throw new SettingsError(`${name} is in use: --renew ${name} replaces it without a gap`);
  return { ...present, [name]: '' };
}

/** Names that a person has still to give. */
export const awaited = (origins: Origins, values: Values): string[] =>
  Object.entries(origins).flatMap(([name, origin]) => (origin === 'given' && !values[name] ? name : []));
