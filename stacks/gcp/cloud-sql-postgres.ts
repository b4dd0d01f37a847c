// Postgres for the analytics side, on private addresses only, with the database and who may connect to it.
import { SqlDatabase } from '@cdktf/provider-google/lib/sql-database/index.js';
import {
  SqlDatabaseInstance,
  type SqlDatabaseInstanceSettings,
} from '@cdktf/provider-google/lib/sql-database-instance/index.js';
import { SqlUser } from '@cdktf/provider-google/lib/sql-user/index.js';
import { Id } from '@cdktf/provider-random/lib/id/index.js';
import { Construct } from 'constructs';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import { labelsOf } from '../constructs/providers.ts';
import { CLOUD_SQL_VERSION } from '../versions.ts';
import type { AnalyticsKey } from './analytics-key.ts';
import { DatabaseUrl } from './database-url.ts';
import type { PrivateServices } from './private-services.ts';
import { ServerCertificate } from './server-certificate.ts';
import type { WorkloadIdentity } from './workload-identity.ts';

const DATABASE = 'analytics';

export interface CloudSqlPostgresProps {
  readonly privateServices: PrivateServices;
  readonly key: AnalyticsKey;
}

export class CloudSqlPostgres extends Construct {
  /** `project:region:instance`. */
  readonly connectionName: string;
  /** `project:instance`, as metrics name it. */
  readonly databaseId: string;
  readonly privateAddress: string;
  readonly url: DatabaseUrl;
  readonly certificate: ServerCertificate;
  /** PEM of its certificate authority, by which clients verify it. */
  readonly authority: string;
  readonly databaseName: string;
  readonly #instanceName: string;

  constructor(scope: Construct, id: string, props: CloudSqlPostgresProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { privateServices, key } = props;
    const encryption = key.usableBy('sqladmin');
    // The name of a deleted instance is taken for a week (Cloud SQL, "Delete instances").
    const suffix = new Id(this, 'suffix', { byteLength: 4, keepers: { region: settings.gcp.region } });
    const instance = new SqlDatabaseInstance(this, 'instance', {
      name: `${prefix}-analytics-${suffix.hex}`,
      databaseVersion: CLOUD_SQL_VERSION,
      region: settings.gcp.region,
      encryptionKeyName: encryption.name,
      // Terraform's own lock; `settings` has the one that also stops the console.
      deletionProtection: settings.isProtected,
      settings: this.instanceSettings(privateServices),
      dependsOn: [privateServices.connection, ...encryption.grants],
      lifecycle: {
        ...keepsData(settings),
        // Google lets the disk grow: to set the first size again would mean a smaller disk, and so a new instance.
        ignoreChanges: ['settings[0].disk_size'],
      },
    });
    this.#instanceName = instance.name;
    this.databaseName = this.addDatabase();
    this.authority = instance.serverCaCert.get(0).cert;
    this.connectionName = instance.connectionName;
    this.databaseId = `${settings.gcp.projectId}:${instance.name}`;
    this.privateAddress = instance.privateIpAddress;
    this.url = new DatabaseUrl(this, 'url', {
      instanceName: instance.name,
      privateAddress: instance.privateIpAddress,
      database: this.databaseName,
      key,
    });
    this.certificate = new ServerCertificate(this, 'certificate', {
      certificate: this.authority,
      key,
    });
  }

  private addDatabase(): string {
    return new SqlDatabase(this, 'database', {
      name: DATABASE,
      instance: this.#instanceName,
      // It goes with its instance: Postgres refuses to drop a database that has connections.
      deletionPolicy: 'ABANDON',
      lifecycle: keepsData(PlatformStack.of(this).settings),
    }).name;
  }

  /** Everything that a workload needs to work in the database: its address with the password, and how to know it. */
  usableBy(who: string, identity: WorkloadIdentity): void {
    this.url.readableBy(who, identity.member);
    this.certificate.readableBy(who, identity.member);
  }

  /** A user that signs in by IAM and has no password; what it may read, the worker grants. */
  readableBy(who: string, identity: WorkloadIdentity): void {
    new SqlUser(this, `user-${who}`, {
      name: identity.databaseUser,
      instance: this.#instanceName,
      type: 'CLOUD_IAM_SERVICE_ACCOUNT',
      // It is deleted with its instance: Postgres drops no user who has rights.
      deletionPolicy: 'ABANDON',
      dependsOn: [identity.account],
    });
    const { projectId } = PlatformStack.of(this).settings.gcp;
    identity.allow('cloudsql.instanceUser', {
      title: 'analytics-instance',
      description: 'Only the instance of the analytics side',
      expression: `resource.name == "projects/${projectId}/instances/${this.#instanceName}" && resource.type == "sqladmin.googleapis.com/Instance"`,
    });
  }

  private instanceSettings(privateServices: PrivateServices): SqlDatabaseInstanceSettings {
    const { isProtected, gcp } = PlatformStack.of(this).settings;
    return {
      tier: gcp.sql.tier,
      edition: 'ENTERPRISE',
      availabilityType: gcp.sql.isRegional ? 'REGIONAL' : 'ZONAL',
      deletionProtectionEnabled: isProtected,
      retainBackupsOnDelete: isProtected,
      diskType: 'PD_SSD',
      diskSize: gcp.sql.diskGib,
      diskAutoresize: true,
      diskAutoresizeLimit: gcp.sql.diskGibMax,
      ipConfiguration: {
        ipv4Enabled: false,
        privateNetwork: privateServices.networkId,
        allocatedIpRange: privateServices.rangeName,
        sslMode: 'ENCRYPTED_ONLY',
      },
      backupConfiguration: {
        enabled: true,
        // UTC, when the shop's own customers sleep.
        startTime: '02:00',
        location: gcp.region,
        pointInTimeRecoveryEnabled: true,
        // The most that this edition keeps.
        transactionLogRetentionDays: 7,
        backupRetentionSettings: { retainedBackups: gcp.sql.backupCount, retentionUnit: 'COUNT' },
      },
      maintenanceWindow: { day: 7, hour: 3, updateTrack: 'stable' },
      insightsConfig: {
        queryInsightsEnabled: true,
        queryStringLength: 1_024,
        recordApplicationTags: true,
        // Addresses of our own pods say nothing that the application's name does not.
        recordClientAddress: false,
      },
      // The provider's default labels do not reach into settings.
      userLabels: labelsOf(PlatformStack.of(this)),
      databaseFlags: Object.entries(FLAGS).map(([name, value]) => ({ name, value })),
    };
  }
}

const FLAGS: Readonly<Record<string, string>> = {
  // The console has no password (stacks/gcp/stack.ts).
  'cloudsql.iam_authentication': 'on',
  // What an incident asks for afterwards (CIS Google Cloud Platform Foundation Benchmark, section 6.2).
  log_checkpoints: 'on',
  log_connections: 'on',
  log_disconnections: 'on',
  log_lock_waits: 'on',
  // Milliseconds: slow statements with how long they took.
  log_min_duration_statement: '1000',
  log_min_error_statement: 'error',
  log_min_messages: 'warning',
  log_statement: 'ddl',
  log_temp_files: '0',
};
