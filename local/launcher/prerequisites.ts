// What this machine must have before anything starts, because nothing fetches it: the programs of Postgres and a user to run them, files
// that the environment names, and everything else too where nothing may be fetched. Everything missing is reported at once.
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Engine } from '../flink/engine.ts';
import { packagedPrograms, postgresUser } from '../postgres/postgres-user.ts';
import { type Need, needsOf } from './needs.ts';

/** One thing that is missing. */
export interface Missing {
  readonly what: string;
  readonly why: string;
  /** Steps; one of them is enough. */
  readonly how: readonly string[];
}

/** What is there; the machine's own answers, or a spec's. */
export interface Findings {
  readonly hasPostgres: boolean;
  /** Why Postgres cannot run as this user, if it cannot. */
  readonly postgresUserFault?: string | undefined;
  /** What nothing will fetch. */
  readonly needs: readonly Pick<Need, 'what' | 'missing' | 'handOver'>[];
}

/** @throws AppError `prerequisites-missing` naming all that is missing */
export function checkPrerequisites(
  isOffline: boolean,
  engine: Engine = 'node',
  env: NodeJS.ProcessEnv = process.env,
): void {
  const missing = missingOf(lookAround(isOffline, engine, env), env);
  if (missing.length === 0) return;
  throw new AppError('prerequisites-missing', describe(missing, isOffline), {
    missing: missing.map(({ what }) => what),
  });
}

/** Whatever the environment names an address for needs nothing here. */
export function missingOf({ needs, ...found }: Findings, env: NodeJS.ProcessEnv): Missing[] {
  const runsPostgres = !env.DATABASE_URL;
  const missing: Missing[] = needs.flatMap((need) => {
    const why = need.missing(env);
    return why ? [{ what: need.what, why, how: [need.handOver] }] : [];
  });
  if (runsPostgres && !found.hasPostgres) missing.push(NO_POSTGRES);
  if (runsPostgres && found.postgresUserFault) missing.push(noPostgresUser(found.postgresUserFault));
  return missing;
}

/** For people. */
export function describe(missing: readonly Missing[], isOffline: boolean): string {
  const parts = missing.map(({ what, why, how }) =>
    [`  ${what}: ${why}`, ...how.map((way) => `      ${way}`)].join('\n'),
  );
  const remedy = isOffline ? '\nA start without --offline fetches what can be fetched.\n' : '';
  return `This machine lacks something that the platform needs:\n\n${parts.join('\n\n')}\n${remedy}`;
}

const NO_POSTGRES: Missing = {
  what: 'the Postgres programs',
  why: 'they come with the npm packages, and their install was skipped or does not know this system',
  how: [
    'npm ci   (with optional packages, and without --ignore-scripts)',
    'or set DATABASE_URL to a Postgres that you have',
  ],
};

const noPostgresUser = (fault: string): Missing => ({
  what: 'a user for Postgres',
  why: fault,
  how: ['run as another user than root', 'or set DATABASE_URL to a Postgres that you have'],
});

function lookAround(isOffline: boolean, engine: Engine, env: NodeJS.ProcessEnv): Findings {
  return {
    hasPostgres: packagedPrograms() !== undefined,
    postgresUserFault: faultOf(postgresUser),
    needs: needsOf(env, engine).filter(({ mayBeFetched }) => isOffline || !mayBeFetched(env)),
  };
}

function faultOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
