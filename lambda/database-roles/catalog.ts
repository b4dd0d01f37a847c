// What a database says of the services' places in it, and how its words become true: the SQL of this function.
import pg from 'pg';
import type { ServiceDatabase } from '#contracts/service-databases.ts';
import type { DatabaseFacts, Step } from './plan.ts';

/** Its members sign in by IAM; RDS brings it. */
export const IAM_ROLE = 'rds_iam';

/** An access list that was never changed reads as null. */
const EVERYBODY = 0;

export async function readFacts(
  client: pg.ClientBase,
  wanted: readonly ServiceDatabase[],
): Promise<DatabaseFacts> {
  const list = async (sql: string, ...values: unknown[]): Promise<string[]> =>
    (await client.query<{ one: string }>(sql, values)).rows.map(({ one }) => one);
  const everybodyMay = await list(
    `SELECT privilege_type AS one FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
     WHERE datname = current_database() AND grantee = ${EVERYBODY}`,
  );
  const everybodyInPublicMay = await list(
    `SELECT privilege_type AS one FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
     WHERE nspname = 'public' AND grantee = ${EVERYBODY}`,
  );
  const { rows: roles } = await client.query<DatabaseFacts['roles'][number]>(
    `SELECT rolname AS role, EXISTS (
       SELECT FROM pg_roles AS iam WHERE iam.rolname = $2 AND pg_has_role(pg_roles.oid, iam.oid, 'MEMBER')
     ) AS "byIam", EXISTS (
       SELECT FROM pg_database, aclexplode(datacl)
       WHERE datname = current_database() AND grantee = pg_roles.oid AND privilege_type = 'CONNECT'
     ) AS "mayConnect" FROM pg_roles WHERE rolname = ANY ($1)`,
    [wanted.map(({ role }) => role), IAM_ROLE],
  );
  const { rows: schemas } = await client.query<DatabaseFacts['schemas'][number]>(
    'SELECT nspname AS schema, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = ANY ($1)',
    [wanted.map(({ schema }) => schema)],
  );
  return { everybodyMay, everybodyInPublicMay, roles, schemas };
}

/** The statements of a step. */
export function statementsOf(step: Step, database: string): string[] {
  const name = pg.escapeIdentifier;
  switch (step.do) {
    case 'close-database':
      return [`REVOKE ALL ON DATABASE ${name(database)} FROM PUBLIC`];
    case 'close-public':
      return ['REVOKE ALL ON SCHEMA public FROM PUBLIC'];
    case 'make-role':
      return [
        `CREATE ROLE ${name(step.role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`,
      ];
    case 'let-in':
      return [`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(step.role)}`];
    case 'make-schema':
      return [
        // A schema is given to another role only by a member of that role; RDS's owner is no superuser.
        `GRANT ${name(step.role)} TO CURRENT_USER`,
        `CREATE SCHEMA ${name(step.schema)} AUTHORIZATION ${name(step.role)}`,
        `REVOKE ${name(step.role)} FROM CURRENT_USER`,
      ];
    case 'sign-in-by-iam':
      return [`GRANT ${name(IAM_ROLE)} TO ${name(step.role)}`];
  }
}

/**
 * Everything that the services may do beyond their own schemas, by whichever way they came to it: as sentences, none where all is
 * well. Rights on tables count too where the schema is closed, since opening it is one word.
 */
export async function excessRights(
  client: pg.ClientBase,
  wanted: readonly ServiceDatabase[],
): Promise<string[]> {
  const { rows } = await client.query<{ fault: string }>(EXCESS, [
    wanted.map(({ role }) => role),
    wanted.map(({ schema }) => schema),
    IAM_ROLE,
  ]);
  return rows.map(({ fault }) => fault);
}

const TABLE_RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER';
const COLUMN_RIGHTS = 'SELECT, INSERT, UPDATE, REFERENCES';

const EXCESS = `
WITH place AS (SELECT role, schema, pg_roles.* FROM unnest($1::text[], $2::text[]) AS wanted (role, schema)
                 JOIN pg_roles ON rolname = role)
SELECT format('%s is %s', role, attribute) AS fault
  FROM place, LATERAL (VALUES ('a superuser', rolsuper), ('allowed to make roles', rolcreaterole),
    ('allowed to make databases', rolcreatedb), ('allowed to replicate', rolreplication),
    ('above row security', rolbypassrls)) AS had (attribute, has)
  WHERE has
UNION ALL
SELECT format('%s is a member of %s', role, other.rolname)
  FROM place JOIN pg_roles AS other ON other.rolname NOT IN (role, $3)
  WHERE NOT place.rolsuper AND pg_has_role(place.oid, other.oid, 'MEMBER')
UNION ALL
SELECT format('%s may use %s in the database', role, may)
  FROM place, unnest(ARRAY['CREATE', 'TEMPORARY']) AS may
  WHERE has_database_privilege(place.oid, current_database(), may)
UNION ALL
SELECT format('%s may use %s in the schema %s', role, may, nspname)
  FROM place, pg_namespace AS space, unnest(ARRAY['USAGE', 'CREATE']) AS may
  WHERE nspname <> schema AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND has_schema_privilege(place.oid, space.oid, may)
UNION ALL
SELECT format('%s has rights on %s.%s', role, nspname, relname)
  FROM place, pg_class AS relation JOIN pg_namespace AS space ON space.oid = relnamespace
  WHERE nspname <> schema AND nspname = ANY ($2) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND (has_table_privilege(place.oid, relation.oid, '${TABLE_RIGHTS}')
      OR has_any_column_privilege(place.oid, relation.oid, '${COLUMN_RIGHTS}'))
ORDER BY fault`;
