// The environment is read once, at start, and every fault is listed together.
import { z } from 'zod';
import { AppError } from './errors.ts';
import { ownOf } from './own.ts';

/**
 * Reads and validates environment variables; keys of the shape are the variables' names.
 * @throws AppError `config-invalid` naming every faulty variable, what is wrong and what it is for (`.describe()`).
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<z.ZodObject<Shape>> {
  // An empty variable is an unset one: that is how shells and manifests blank a setting.
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, ownOf(env, name) || undefined]));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const purpose = (shape[name] as z.ZodType | undefined)?.description;
    const fault = given[name] === undefined ? 'is not set' : issue.message;
    return `  ${name}: ${fault}${purpose ? ` (${purpose})` : ''}`;
  });
  throw new AppError('config-invalid', `The environment is not usable:\n${lines.join('\n')}`, {
    variables: parsed.error.issues.map((issue) => issue.path[0]),
  });
}

/** A whole number in an environment variable. */
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
