// A service's schema is named as the service, and `user` and `order` are words of SQL: names are always quoted.
import pg from 'pg';

/** The schema as it stands in a statement. */
export const quotedSchema = (schema: string): string => pg.escapeIdentifier(schema);

/** A table of a schema as it stands in a statement. */
export const tableOf = (schema: string, table: string): string => `${quotedSchema(schema)}.${table}`;
