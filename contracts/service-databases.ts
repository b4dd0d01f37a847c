// Each service's own place in the shared Postgres: its user, and the schema that belongs to it.
import { type Process, schemaOf } from './process.ts';
import { SERVICES } from './shop-processes.ts';

export interface ServiceDatabase {
  /** The service's user in Postgres, and in AWS's IAM. */
  readonly role: string;
  readonly schema: string;
}

/** Not the bare name: `user` is a word of SQL, and a role is easily taken for the schema beside it. */
export const serviceDatabase = (service: Process): ServiceDatabase => ({
  role: `${service.name}_service`,
  schema: schemaOf(service),
});

/** Of every service that has state. */
export const SERVICE_DATABASES: readonly ServiceDatabase[] = SERVICES.filter(({ stores }) =>
  stores.includes('postgres'),
).map((service) => serviceDatabase(service));
