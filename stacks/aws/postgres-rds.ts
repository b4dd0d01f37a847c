// The services' relational data: Postgres in two zones, reached from inside the VPC over TLS, by IAM. The password of its owner is made
// and kept by AWS and never known to Terraform; who else is in it `DatabaseRoles` makes.
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { AwsNetwork } from './hand-over.ts';
import { admitPeer, reachPeer } from './peer-rules.ts';
import { PostgresSettings } from './postgres-settings.ts';
import { ServiceRole } from './service-role.ts';

const PORT = 5_432;
const EXPORTED_LOGS = ['postgresql', 'upgrade'];
/** The authority that signs its certificate: one of those in `runtime/postgres/rds-login.ts`, good until 2061. */
const AUTHORITY = 'rds-ca-rsa2048-g1';

export interface PostgresRdsProps {
  readonly network: AwsNetwork;
  /** Encrypts its logs. */
  readonly logKey: CustomerKey;
}

export class PostgresRds extends Construct {
  readonly address: string;
  /** `db-…`: another instance, though of the same name, has another. */
  readonly resourceId: string;
  readonly securityGroupId: string;
  readonly owner: string;
  /** The secret in which RDS keeps the owner's password. */
  readonly ownerSecretArn: string;
  /** Encrypts its data and that secret. */
  readonly key: CustomerKey;
  readonly identifier: string;

  constructor(scope: Construct, id: string, { network, logKey }: PostgresRdsProps) {
    super(scope, id);
    this.identifier = `${PlatformStack.of(this).prefix}-services`;
    const name = `${this.identifier}-postgres`;
    const { vpcId } = network;
    const description = 'Postgres of the services';
    this.securityGroupId = new SecurityGroup(this, 'security-group', { name, vpcId, description }).id;
    const logs = EXPORTED_LOGS.map(
      (log) =>
        new LogGroup(this, `${log}-log`, {
          name: `/aws/rds/instance/${this.identifier}/${log}`,
          key: logKey,
        }),
    );
    const key = new CustomerKey(this, 'key', { purpose: 'postgres' });
    this.key = key;
    this.owner = `${PlatformStack.of(this).settings.project}_owner`;
    const monitoringRole = this.createMonitoringRole();
    const instance = new DbInstance(this, 'instance', {
      ...this.engine(),
      ...this.placement(network),
      ...this.storage(key),
      ...this.access(key),
      ...this.monitoring(key, monitoringRole),
      // RDS would make the groups itself, to be kept for ever and without our key.
      dependsOn: [...logs.map(({ group }) => group), ...monitoringRole.policies],
    });
    this.address = instance.address;
    this.resourceId = instance.resourceId;
    this.ownerSecretArn = instance.masterUserSecret.get(0).secretArn;
  }

  /** The address of the database for a user that signs in by IAM. */
  urlOf(user: string): string {
    return `postgres://${user}@${this.address}:${PORT}/${PlatformStack.of(this).settings.project}`;
  }

  /** What a role's policy must hold to sign in as that user, and as no other. */
  signInStatement(user: string): DataAwsIamPolicyDocumentStatement {
    const { region, accountId } = PlatformStack.of(this).settings.aws;
    return {
      sid: 'SignInToPostgres',
      actions: ['rds-db:connect'],
      resources: [`arn:aws:rds-db:${region}:${accountId}:dbuser:${this.resourceId}/${user}`],
    };
  }

  /** Lets the members of a security group in, and their group out. Who they are Postgres asks. Returns both rules. */
  connect(id: string, peerSecurityGroupId: string): ITerraformDependable[] {
    const admitted = admitPeer(this, `from-${id}`, {
      securityGroupId: this.securityGroupId,
      peerSecurityGroupId,
      description: `Postgres over TLS from ${id}`,
      port: PORT,
    });
    const reached = reachPeer(this, `${id}-to-postgres`, {
      securityGroupId: peerSecurityGroupId,
      peerSecurityGroupId: this.securityGroupId,
      description: 'Postgres over TLS',
      port: PORT,
    });
    return [admitted, reached];
  }

  private createMonitoringRole(): ServiceRole {
    const { region, accountId } = PlatformStack.of(this).settings.aws;
    return new ServiceRole(this, 'monitoring', {
      name: `${this.identifier}-monitoring`,
      service: 'monitoring.rds.amazonaws.com',
      sourceArn: `arn:aws:rds:${region}:${accountId}:db:${this.identifier}`,
      managedPolicies: ['service-role/AmazonRDSEnhancedMonitoringRole'],
    });
  }

  private engine() {
    const { settings, prefix } = PlatformStack.of(this);
    const { postgres } = settings.aws;
    const parameters = new PostgresSettings(this, 'settings', { version: postgres.version });
    return {
      identifier: this.identifier,
      engine: 'postgres',
      engineVersion: postgres.version,
      instanceClass: postgres.instanceClass,
      parameterGroupName: parameters.groupName,
      dbName: settings.project,
      // The settings name the major alone, so that no plan takes back what AWS upgrades.
      autoMinorVersionUpgrade: true,
      applyImmediately: !settings.isProtected,
      backupRetentionPeriod: postgres.backupRetentionDays,
      backupWindow: '02:00-03:00',
      maintenanceWindow: 'sun:03:30-sun:04:30',
      deletionProtection: settings.isProtected,
      deleteAutomatedBackups: !settings.isProtected,
      skipFinalSnapshot: !settings.isProtected,
      finalSnapshotIdentifier: `${prefix}-services-final`,
      copyTagsToSnapshot: true,
      lifecycle: keepsData(settings),
    };
  }

  private placement({ databaseSubnetIds }: AwsNetwork) {
    const subnets = new DbSubnetGroup(this, 'subnets', {
      name: this.identifier,
      description: 'Database subnets: no way to the internet',
      subnetIds: [...databaseSubnetIds],
    });
    return {
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [this.securityGroupId],
      publiclyAccessible: false,
      multiAz: true,
      port: PORT,
    };
  }

  private storage(key: CustomerKey) {
    const { volumeGib, volumeGibMax } = PlatformStack.of(this).settings.aws.postgres;
    return {
      storageType: 'gp3',
      allocatedStorage: volumeGib,
      // RDS lets it grow up to this, and the provider leaves the grown size alone.
      maxAllocatedStorage: volumeGibMax,
      storageEncrypted: true,
      kmsKeyId: key.arn,
    };
  }

  private access(key: CustomerKey) {
    return {
      username: this.owner,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: key.arn,
      iamDatabaseAuthenticationEnabled: true,
      caCertIdentifier: AUTHORITY,
    };
  }

  private monitoring(key: CustomerKey, role: ServiceRole) {
    return {
      enabledCloudwatchLogsExports: EXPORTED_LOGS,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: key.arn,
      // The days that cost nothing.
      performanceInsightsRetentionPeriod: 7,
      monitoringInterval: 60,
      monitoringRoleArn: role.arn,
    };
  }
}
