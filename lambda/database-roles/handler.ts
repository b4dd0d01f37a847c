// The environment in, the function out that gives each service its role and its schema in Postgres. Terraform calls it at every change.
// Guarantee: all of it or nothing; called again it changes nothing; it drops nothing; a right too many fails the call, even when granted by hand.
import type pg from 'pg';
import { z } from 'zod';
import { SERVICE_DATABASES, type ServiceDatabase } from '#contracts/service-databases.ts';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { excessRights, readFacts, statementsOf } from './catalog.ts';
import { asOwner, type OwnerDoor, passwordInSecretsManager } from './owner.ts';
import { planDatabase, type SignIn, type Step } from './plan.ts';

export const handlerConfig = {
  ...logConfig,
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('the database and its owner, without a password: postgres://owner@host:port/database'),
  DATABASE_AWS_REGION: z.string().describe('region of the RDS instance'),
  OWNER_SECRET_ARN: z.string().min(1).describe('secret in which RDS keeps the password of the owner'),
};

/** What was done, in words; empty when everything was there. */
export interface RolesReport {
  readonly roles: readonly string[];
  readonly done: readonly string[];
}

/** Any constant of ours: two deployments at a time must not make the same role twice. */
const LOCK_KEY = 7_203_011;

/**
 * Wires the function to the database that the environment names. It connects at each call and stays connected to nothing.
 * @throws AppError `config-invalid` listing every faulty variable
 */
export function createHandler(
  env: Readonly<Record<string, string | undefined>>,
  wanted: readonly ServiceDatabase[] = SERVICE_DATABASES,
  ways: Partial<OwnerDoor> = {},
): (event?: unknown) => Promise<RolesReport> {
  const config = loadConfig(handlerConfig, env);
  const log = createLogger('database-roles', config.LOG_LEVEL);
  const { DATABASE_URL: url, DATABASE_AWS_REGION: region, OWNER_SECRET_ARN: secretArn } = config;
  const door = {
    url,
    rds: { region },
    password: passwordInSecretsManager(region, secretArn),
    ...ways,
  };
  return async () => {
    const done = await asOwner(door, log, async (client) => {
      await client.query('BEGIN');
      const steps = await givePlaces(client, wanted, 'iam');
      await client.query('COMMIT');
      return steps;
    });
    const report = { roles: wanted.map(({ role }) => role), done };
    log.info(report, 'each service has its own place in the database, and nothing else');
    return report;
  };
}

/**
 * Gives each its place, in the caller's transaction: one that ends without a COMMIT leaves nothing. Returns what was done, in words.
 * @throws AppError `roles-refused` when a schema belongs to another role, `rights-too-many` when a role has more rights than its own
 */
export async function givePlaces(
  client: pg.ClientBase,
  wanted: readonly ServiceDatabase[],
  signIn: SignIn,
): Promise<string[]> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
  const { rows } = await client.query<{ database: string }>('SELECT current_database() AS database');
  const { steps, refusals } = planDatabase(wanted, await readFacts(client, wanted), signIn);
  if (refusals.length > 0) throw new AppError('roles-refused', refusals.join('\n'), { refusals });
  for (const step of steps)
    for (const statement of statementsOf(step, rows[0]!.database)) await client.query(statement);
  const excess = await excessRights(client, wanted);
  if (excess.length > 0) throw new AppError('rights-too-many', excess.join('\n'), { excess });
  return steps.map(inWords);
}

const inWords = (step: Step): string =>
  [step.do, 'role' in step ? step.role : [], 'schema' in step ? step.schema : []].flat().join(' ');
