// Places for the services' secrets, without their values. What they hold never passes through Terraform, which would read it at each plan,
// and so everyone who plans would need to read it (provider hashicorp/aws, `aws_secretsmanager_secret_version`): `npm run secrets` puts it there.
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import { Construct } from 'constructs';
import { SECRETS, secretName } from '#contracts/deployed-settings.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';

export class ServiceSecrets extends Construct {
  readonly arns: readonly string[];
  readonly key: CustomerKey;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    this.key = new CustomerKey(this, 'key', { purpose: 'secrets' });
    this.arns = Object.entries(SECRETS).map(
      ([name, values]) =>
        new SecretsmanagerSecret(this, name.replace('/', '-'), {
          name: secretName(prefix, name),
          description: `JSON with ${Object.keys(values).join(', ')}`,
          kmsKeyId: this.key.arn,
          // The days in which a deletion can be taken back; until then the name is taken, so that where nothing is protected it goes
          // at once.
          recoveryWindowInDays: settings.isProtected ? 30 : 0,
          lifecycle: keepsData(settings),
        }).arn,
    );
  }
}
