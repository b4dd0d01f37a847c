// Wanted secrets in, secrets that are there out. What exists is never changed, and two that run at once agree: whoever comes second reads
// what the first has made.
import { randomBytes } from 'node:crypto';
import type { WantedSecret, WantedValue } from '#contracts/cluster-secrets.ts';
import { AppError } from '#runtime/errors.ts';

/** The values of a secret, by key. */
export type SecretValues = ReadonlyMap<string, string>;

/** Where secrets are kept. */
export interface SecretStore {
  /** Undefined when there is none. */
  read(namespace: string, name: string): Promise<SecretValues | undefined>;
  /** False when another process made it meanwhile. */
  create(namespace: string, name: string, values: SecretValues): Promise<boolean>;
}

/** Names, as `namespace/name`. */
export interface SecretsReport {
  readonly made: readonly string[];
  readonly present: readonly string[];
}

/** @throws AppError `secrets-unusable` that names every secret which is there and is not what is wanted; no value among them */
export async function makeSecrets(
  wanted: readonly WantedSecret[],
  store: SecretStore,
  random: (bytes: number) => Buffer = randomBytes,
): Promise<SecretsReport> {
  const known = new Map<string, string>();
  const report = { made: [] as string[], present: [] as string[] };
  const faults: string[] = [];
  for (const secret of wanted) {
    const { namespace, name } = secret;
    const place = `${namespace}/${name}`;
    const before = await store.read(namespace, name);
    const { values, isNew } = before
      ? { values: before, isNew: false }
      : await make(secret, store, (value) => valueOf(value, known, random));
    (isNew ? report.made : report.present).push(place);
    faults.push(...faultsOf(secret, values, known));
    for (const [key, value] of values) known.set(`${place}/${key}`, value);
  }
  if (faults.length > 0) throw new AppError('secrets-unusable', faults.join('\n'), { faults });
  return report;
}

async function make(
  { namespace, name, values: wanted }: WantedSecret,
  store: SecretStore,
  valueOfOne: (value: WantedValue) => string,
): Promise<{ values: SecretValues; isNew: boolean }> {
  const values = new Map(Object.entries(wanted).map(([key, value]) => [key, valueOfOne(value)]));
  if (await store.create(namespace, name, values)) return { values, isNew: true };
  const theirs = await store.read(namespace, name);
  if (!theirs)
    throw new AppError('secret-gone', `${namespace}/${name} was made and deleted by somebody else`);
  return { values: theirs, isNew: false };
}

const REFERENCE = /\{([^{}]+)\}/g;

function valueOf(
  value: WantedValue,
  known: ReadonlyMap<string, string>,
  random: (bytes: number) => Buffer,
): string {
  if ('randomBytes' in value) return random(value.randomBytes).toString(value.encoding);
  return value.text.replaceAll(REFERENCE, (_whole, reference: string) => {
    const found = known.get(reference);
    if (found === undefined)
      throw new AppError('secret-unknown', `${reference} is of no secret that comes before`);
    return found;
  });
}

/** The values of a secret that are missing, or contain another password than they must. */
function faultsOf(
  { namespace, name, values: wanted }: WantedSecret,
  values: SecretValues,
  known: ReadonlyMap<string, string>,
): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const found = values.get(key);
    if (!found)
      return [`${namespace}/${name} lacks ${key}: add it, or delete the secret to have it made anew`];
    if ('randomBytes' in value) return [];
    const isRight = found === valueOf(value, known, randomBytes);
    return isRight
      ? []
      : [
          `${namespace}/${name} has another ${key} than belongs to what is there: delete it to have it made anew`,
        ];
  });
}
