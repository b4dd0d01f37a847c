// What every stack has: its settings, and its own state in the bucket that `bootstrap` made, locked and encrypted.

import {
  LocalBackend,
  S3Backend,
  type TerraformOutput,
  type TerraformResourceLifecycle,
  TerraformStack,
} from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import { namePrefix, type Settings } from '../settings.ts';
import { handedOnName } from './handed-on-name.ts';

/** Ephemeral resources and write-only arguments came with it (HashiCorp, "Terraform 1.11"). */
const TERRAFORM_VERSION = '>= 1.11.0';

/** Bucket names are taken world-wide: the account makes it ours. */
export const stateBucketName = (settings: Settings): string =>
  `${namePrefix(settings)}-${settings.aws.accountId}-terraform-state`;

/** By its alias: the key's own id is known to Terraform alone. */
export const stateKeyArn = ({ aws, ...settings }: Settings): string =>
  `arn:aws:kms:${aws.region}:${aws.accountId}:alias/${namePrefix(settings)}-terraform-state`;

export abstract class PlatformStack extends TerraformStack {
  readonly settings: Settings;
  /** Begins every resource's name: `shop-dev`. */
  readonly prefix: string;
  /** Names of outputs, by references. */
  readonly #handedOn = new Map<string, string>();

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.settings = settings;
    this.prefix = namePrefix(settings);
    this.addOverride('terraform.required_version', TERRAFORM_VERSION);
  }

  /** The stack of a construct, with its settings. */
  static override of(construct: IConstruct): PlatformStack {
    const stack = TerraformStack.of(construct);
    if (stack instanceof PlatformStack) return stack;
    throw new TypeError(`${construct.node.path} stands in no stack of the platform`);
  }

  /** cdktf asks for it when another stack reads the reference. */
  override registerOutgoingCrossStackReference(identifier: string): TerraformOutput {
    const output = super.registerOutgoingCrossStackReference(identifier);
    // Each reader of the reference asks again.
    if (this.#handedOn.has(identifier)) return output;
    const name = handedOnName(this, identifier, this);
    const [other] = [...this.#handedOn].find(([, taken]) => taken === name) ?? [];
    if (other !== undefined)
      throw new Error(
        `${other} and ${identifier} would both be handed on as ${name}: give one of them a name or a description`,
      );
    this.#handedOn.set(identifier, name);
    output.overrideLogicalId(name);
    return output;
  }

  /** State in a file at the root of the checkout, named relative to where Terraform runs: `cdktf.out/<environment>/stacks/<stack>`. */
  protected keepStateInFile(): void {
    new LocalBackend(this, { path: `../../../../${this.node.id}.${this.settings.environment}.tfstate` });
  }

  /** State in the bucket of the environment. Its place names the environment too, so that no two are ever the same. */
  protected keepStateInBucket(): void {
    new S3Backend(this, {
      bucket: stateBucketName(this.settings),
      key: `${this.settings.environment}/${this.node.id}.tfstate`,
      region: this.settings.aws.region,
      encrypt: true,
      // Without it Terraform asks for AES256, and overrides the bucket's own default.
      kmsKeyId: stateKeyArn(this.settings),
      allowedAccountIds: [this.settings.aws.accountId],
    });
    // cdktf has no property for it.
    this.addOverride('terraform.backend.s3.use_lockfile', true);
  }
}

/** Lifecycle of what holds data: where the environment is protected, a plan that would delete it fails. */
export const keepsData = ({ isProtected }: Settings): TerraformResourceLifecycle => ({
  preventDestroy: isProtected,
});
