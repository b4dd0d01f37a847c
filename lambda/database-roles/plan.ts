// Steps that are missing until each service has its own schema in a database, which no other role may use. Pure.
import type { ServiceDatabase } from '#contracts/service-databases.ts';

/** What the catalog of the database says of the places that are wanted. */
export interface DatabaseFacts {
  /** What everybody may do with the database itself; Postgres begins with CONNECT and TEMPORARY. */
  readonly everybodyMay: readonly string[];
  /** What everybody may do in the schema `public`; Postgres begins with USAGE. */
  readonly everybodyInPublicMay: readonly string[];
  readonly roles: readonly { readonly role: string; readonly mayConnect: boolean; readonly byIam: boolean }[];
  readonly schemas: readonly { readonly schema: string; readonly owner: string }[];
}

/** One change of the database. */
export type Step =
  | { readonly do: 'close-database' | 'close-public' }
  | { readonly do: 'make-role' | 'let-in' | 'sign-in-by-iam'; readonly role: string }
  | { readonly do: 'make-schema'; readonly role: string; readonly schema: string };

export interface DatabasePlan {
  readonly steps: readonly Step[];
  /** Why nothing may be done; for the reader of the failed deployment. */
  readonly refusals: readonly string[];
}

/** How the services sign in: by IAM at RDS, by a password where the laptop's cluster has one made. */
export type SignIn = 'iam' | 'password';

/** Compares what is wanted with what is there. Roles and schemas that no contract names are not touched. */
export function planDatabase(
  wanted: readonly ServiceDatabase[],
  facts: DatabaseFacts,
  signIn: SignIn = 'iam',
): DatabasePlan {
  const steps: Step[] = [];
  if (facts.everybodyMay.length > 0) steps.push({ do: 'close-database' });
  if (facts.everybodyInPublicMay.length > 0) steps.push({ do: 'close-public' });
  const refusals: string[] = [];
  for (const place of wanted) {
    const owner = facts.schemas.find(({ schema }) => schema === place.schema)?.owner;
    if (owner === undefined || owner === place.role) steps.push(...stepsFor(place, facts, owner, signIn));
    else refusals.push(refusal(place, owner));
  }
  return { steps, refusals };
}

function stepsFor(
  { role, schema }: ServiceDatabase,
  facts: DatabaseFacts,
  owner: string | undefined,
  signIn: SignIn,
): Step[] {
  const found = facts.roles.find((one) => one.role === role);
  const steps: Step[] = [];
  if (!found) steps.push({ do: 'make-role', role });
  if (!found?.mayConnect) steps.push({ do: 'let-in', role });
  if (owner === undefined) steps.push({ do: 'make-schema', role, schema });
  // Last: the creator of a role becomes a member of all its roles, and must then sign in by token itself.
  if (signIn === 'iam' && !found?.byIam) steps.push({ do: 'sign-in-by-iam', role });
  return steps;
}

const refusal = ({ role, schema }: ServiceDatabase, owner: string): string =>
  `schema ${schema} belongs to ${owner} and not to ${role}: find out what is in it, then give it to ${role} ` +
  `(ALTER SCHEMA … OWNER TO) with everything in it, or drop it.`;
