// What of a service's settings goes where in an overlay: into the ConfigMap, into the Secrets, or as a token of its account.
import { type SettingSource, settingsOf } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import type { Overlay } from '../overlays.ts';
import { localEnvironmentOf, localSettingsOf } from './local-settings.ts';

export interface DeployedSettings {
  /** Setting to value: neither secret nor unknown. */
  readonly values: ReadonlyMap<string, string>;
  /** Setting to fact, where a cloud knows the value. */
  readonly facts: ReadonlyMap<string, string>;
  /** Setting to secret. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Of the service's own account, where it shows one to others. */
  readonly token?: { readonly path: string; readonly audience: string };
}

export function deployedSettings(overlay: Overlay, service: Process): DeployedSettings {
  const isLocal = overlay.kind === 'local';
  const sources = Object.entries(isLocal ? localSettingsOf(service) : settingsOf(service));
  const of = (pick: (source: SettingSource) => string | undefined): Map<string, string> =>
    new Map(
      sources.flatMap(([name, source]) => {
        const value = pick(source);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  const token = sources.map(([, source]) => source).find((source) => source.from === 'service-token');
  return {
    values: new Map([...of(valueOf), ...(isLocal ? Object.entries(localEnvironmentOf(service)) : [])]),
    facts: of((source) => (source.from === 'fact' ? source.fact : undefined)),
    secrets: of((source) => (source.from === 'secret' ? source.secret : undefined)),
    ...(token ? { token: { path: token.path, audience: token.audience } } : {}),
  };
}

function valueOf(source: SettingSource): string | undefined {
  if (source.from === 'constant') return source.value;
  return source.from === 'service-token' ? source.path : undefined;
}

/** The ConfigMap of what is no secret. */
export const settingsName = ({ name }: Process): string => `${name}-settings`;
/** The Secret of what only a cloud knows. */
export const factsName = ({ name }: Process): string => `${name}-facts`;
/** The Secret of secrets; in a laptop's cluster a Job makes it. */
export const secretsName = ({ name }: Process): string => `${name}-secrets`;
