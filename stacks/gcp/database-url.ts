// The worker's login and the whole DATABASE_URL in Secret Manager. The password is ephemeral to Terraform: in no state, in no
// plan. Both take it in the same apply.
import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret/index.js';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member/index.js';
import { SecretManagerSecretVersion } from '@cdktf/provider-google/lib/secret-manager-secret-version/index.js';
import { SqlUser } from '@cdktf/provider-google/lib/sql-user/index.js';
import { Construct } from 'constructs';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { AnalyticsKey } from './analytics-key.ts';
import { SERVER_CA_FILE, SERVER_CA_FOLDER } from './server-certificate.ts';

const USER = 'analytics';
/** Name of the ephemeral resource, for which cdktf has no class. */
const PASSWORD = 'analytics_database';
/** As libpq means it; node-postgres does so only on request. */
const TLS = `uselibpqcompat=true&sslmode=verify-ca&sslrootcert=${SERVER_CA_FOLDER}/${SERVER_CA_FILE}`;

export interface DatabaseUrlProps {
  readonly instanceName: string;
  /** In our own network. */
  readonly privateAddress: string;
  readonly database: string;
  readonly key: AnalyticsKey;
}

export class DatabaseUrl extends Construct {
  /** Short name, as resources of the same project name it. */
  readonly secretId: string;

  constructor(scope: Construct, id: string, props: DatabaseUrlProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const { instanceName, privateAddress, database } = props;
    // Letters and digits only, so that it needs no escapes in a URL: 32 of them are 190 bits.
    stack.addOverride(`ephemeral.random_password.${PASSWORD}`, { length: 32, special: false });
    const password = `\${ephemeral.random_password.${PASSWORD}.result}`;
    const { passwordVersion } = stack.settings.gcp.sql;
    const user = new SqlUser(this, 'user', {
      name: USER,
      instance: instanceName,
      passwordWo: password,
      passwordWoVersion: passwordVersion,
      // It is deleted with its instance: Postgres drops no user who owns tables.
      deletionPolicy: 'ABANDON',
    });
    const secret = this.secret(props.key);
    this.secretId = secret.secretId;
    new SecretManagerSecretVersion(this, 'version', {
      secret: secret.id,
      // TLS to Cloud SQL's own authority. Its certificates name the instance and not its address, so the name is not compared.
      secretDataWo: `postgres://${USER}:${password}@${privateAddress}:5432/${database}?${TLS}`,
      secretDataWoVersion: passwordVersion,
      // The password is another one at each apply. A login that failed must leave no version behind, so that both are created again.
      dependsOn: [user],
      // `latest` always has something to show.
      lifecycle: { createBeforeDestroy: true },
    });
  }

  readableBy(who: string, member: string): void {
    new SecretManagerSecretIamMember(this, `read-by-${who}`, {
      secretId: this.secretId,
      role: 'roles/secretmanager.secretAccessor',
      member,
    });
  }

  private secret(key: AnalyticsKey): SecretManagerSecret {
    const { prefix, settings } = PlatformStack.of(this);
    const encryption = key.usableBy('secretmanager');
    return new SecretManagerSecret(this, 'secret', {
      secretId: `${prefix}-database-url`,
      // In this region and no other: what it opens is here as well.
      replication: {
        userManaged: {
          replicas: [
            {
              location: settings.gcp.region,
              customerManagedEncryption: { kmsKeyName: encryption.name },
            },
          ],
        },
      },
      deletionProtection: settings.isProtected,
      dependsOn: encryption.grants,
      lifecycle: keepsData(settings),
    });
  }
}
