// The certificate by which clients know the database: Cloud SQL's own authority, mounted as a file. It is public; Secret Manager is
// how Cloud Run mounts files.
import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret/index.js';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member/index.js';
import { SecretManagerSecretVersion } from '@cdktf/provider-google/lib/secret-manager-secret-version/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AnalyticsKey } from './analytics-key.ts';

/** Where clients find it; `DATABASE_URL` names it. */
export const SERVER_CA_FOLDER = '/etc/cloud-sql';
export const SERVER_CA_FILE = 'server-ca.pem';

export interface ServerCertificateProps {
  /** PEM. */
  readonly certificate: string;
  readonly key: AnalyticsKey;
}

export class ServerCertificate extends Construct {
  /** Short name, as resources of the same project name it. */
  readonly secretId: string;

  constructor(scope: Construct, id: string, { certificate, key }: ServerCertificateProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const encryption = key.usableBy('secretmanager');
    const secret = new SecretManagerSecret(this, 'secret', {
      secretId: `${prefix}-database-ca`,
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
      dependsOn: encryption.grants,
    });
    new SecretManagerSecretVersion(this, 'version', {
      secret: secret.id,
      secretData: certificate,
      // `latest` always has something to show.
      lifecycle: { createBeforeDestroy: true },
    });
    this.secretId = secret.secretId;
  }

  readableBy(who: string, member: string): void {
    new SecretManagerSecretIamMember(this, `read-by-${who}`, {
      secretId: this.secretId,
      role: 'roles/secretmanager.secretAccessor',
      member,
    });
  }
}
