// Which databases the laptop's Postgres has, and whose place each holds.
import { schemaOf } from '#contracts/process.ts';
import { analyticsWorker } from '#contracts/processes.ts';
import { SERVICE_DATABASES, type ServiceDatabase } from '#contracts/service-databases.ts';

export const SHOP_DATABASE = 'shop';
export const ANALYTICS_DATABASE = 'analytics';
/** The database that Postgres begins with, which only its owner uses. */
export const FIRST_DATABASE = 'postgres';
export const OWNER = 'postgres';

export const ANALYTICS_PLACE: ServiceDatabase = {
  role: `${analyticsWorker.name}_worker`,
  schema: schemaOf(analyticsWorker),
};

/** By database. */
export const PLACES: Readonly<Record<string, readonly ServiceDatabase[]>> = {
  [FIRST_DATABASE]: [],
  [SHOP_DATABASE]: SERVICE_DATABASES,
  [ANALYTICS_DATABASE]: [ANALYTICS_PLACE],
};

/** All who sign in by a password. */
export const ROLES: readonly string[] = [
  OWNER,
  ...Object.values(PLACES).flatMap((places) => places.map(({ role }) => role)),
];
