// Gives each process its role, password and schema in a laptop's Postgres, once. The environment names databases and places; the
// passwords lie in files, named by role.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { makeDatabases, places } from './databases.ts';

const config = {
  ...logConfig,
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('the owner and the database that is there already, without a password'),
  DATABASES: z
    .string()
    .transform((text, context) => {
      const parsed = places.safeParse(parse(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) });
      return z.NEVER;
    })
    .describe('by database, as JSON: the roles in it, each with its schema'),
  PASSWORDS_FOLDER: z.string().min(1).describe('files with the passwords, named by role'),
};

runMain(async () => {
  const { DATABASE_URL, DATABASES, PASSWORDS_FOLDER, LOG_LEVEL } = loadConfig(config);
  const log = createLogger('databases', LOG_LEVEL);
  const passwordOf = async (role: string): Promise<string> => {
    const password = await readFile(join(PASSWORDS_FOLDER, role), 'utf8');
    if (!password) throw new AppError('password-empty', `the password of ${role} is empty`);
    return password;
  };
  const done = await makeDatabases({ url: DATABASE_URL, places: DATABASES, passwordOf });
  log.info({ done }, 'each process has its own place, and nothing else');
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
