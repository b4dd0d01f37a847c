// Settings are read once, at start, from the environment and from files, and every fault is listed together.
import { z } from 'zod';
import { AppError } from './errors.ts';
import { ownOf } from './own.ts';
import { readSettingsFiles } from './settings-files.ts';

/**
 * Reads and validates settings; keys of the shape are their names. A variable of the environment wins over the file of that name in the
 * folder that `SETTINGS_FOLDER` names: who starts a process by hand can try another value.
 * @throws AppError `config-invalid` naming every faulty variable, what is wrong and what it is for (`.describe()`).
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<z.ZodObject<Shape>> {
  const names = Object.keys(shape);
  // An empty variable is an unset one: that is how shells and manifests blank a setting.
  const variables = new Map(names.map((name) => [name, ownOf(env, name) || undefined]));
  const files = readSettingsFiles(
    names.filter((name) => variables.get(name) === undefined),
    env,
  );
  const valueOf = (name: string) => variables.get(name) ?? files.values.get(name);
  const parsed = z.object(shape).safeParse(Object.fromEntries(names.map((name) => [name, valueOf(name)])));
  if (parsed.success && files.faults.size === 0) return parsed.data;
  const issues = parsed.error?.issues ?? [];
  const faults = issues.map(({ path, message }): Fault => {
    const name = String(path[0]);
    return [name, valueOf(name) === undefined ? 'is not set' : message];
  });
  // What is wrong with its file explains why a setting is missing.
  throw unusable(shape, [...faults.filter(([name]) => !files.faults.has(name)), ...files.faults]);
}

/** The name of a setting, and what is wrong with it. */
type Fault = readonly [name: string, fault: string];

function unusable(shape: z.ZodRawShape, faults: readonly Fault[]): AppError {
  const lines = faults.map(([name, fault]) => {
    const purpose = (ownOf(shape, name) as z.ZodType | undefined)?.description;
    return `  ${name}: ${fault}${purpose ? ` (${purpose})` : ''}`;
  });
  return new AppError('config-invalid', `The environment is not usable:\n${lines.join('\n')}`, {
    variables: faults.map(([name]) => name),
  });
}

/** A whole number as text. */
export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `expected at least ${min}`).max(max, `expected at most ${max}`));

/** `a,b , c` as a list without blanks. */
export const commaList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.string()).min(1, 'expected at least one entry'));
