// The settings of Postgres: TLS only, and a log of connections, changes and slow statements.
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';

/** Source: AWS, "Working with parameters on your RDS for PostgreSQL DB instance"; PostgreSQL, "Error Reporting and Logging". */
const PARAMETERS = {
  'rds.force_ssl': '1',
  log_connections: '1',
  log_disconnections: '1',
  log_statement: 'ddl',
  /** Milliseconds. */
  log_min_duration_statement: '1000',
  log_lock_waits: '1',
  /** An idle transaction holds locks and keeps dead rows: ended after a minute, in milliseconds. */
  idle_in_transaction_session_timeout: '60000',
};

export interface PostgresSettingsProps {
  /** Major version of Postgres: parameters belong to one. */
  readonly version: string;
}

export class PostgresSettings extends Construct {
  readonly groupName: string;

  constructor(scope: Construct, id: string, { version }: PostgresSettingsProps) {
    super(scope, id);
    const group = new DbParameterGroup(this, 'parameters', {
      name: `${PlatformStack.of(this).prefix}-services-postgres${version}`,
      family: `postgres${version}`,
      description: 'Postgres of the services',
      parameter: Object.entries(PARAMETERS).map(([name, value]) => ({ name, value })),
      // The next major version's group exists before the instance leaves this one.
      lifecycle: { createBeforeDestroy: true },
    });
    this.groupName = group.name;
  }
}
