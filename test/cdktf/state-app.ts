// A stack with its state in the same bucket as all of ours, and that needs no cloud. AWS_ACCOUNT names another account than the settings.
// STATE_LAYOUT=shared writes every environment into one folder, and UNKEYED=1 leaves the key out: what the platform did once, for
// the proof that both matter.
import { App, DataResource } from 'cdktf';
import type { Construct } from 'constructs';
import { PlatformStack } from '../../stacks/constructs/platform-stack.ts';
import { EnvironmentApp } from '../../stacks/environment-app.ts';
import { readEnvironment } from '../../stacks/environments/environments.ts';
import type { Settings } from '../../stacks/settings.ts';

class NotedStack extends PlatformStack {
  constructor(scope: Construct, settings: Settings) {
    super(scope, 'noted', settings);
    if (process.env.STATE === 'file') this.keepStateInFile();
    else this.keepStateInBucket();
    // The S3 of this machine has no names for its buckets.
    if (process.env.STATE !== 'file') this.addOverride('terraform.backend.s3.use_path_style', true);
    if (process.env.UNKEYED) this.addOverride('terraform.backend.s3.kms_key_id', undefined);
    new DataResource(this, 'note', { input: { text: `made for ${settings.environment}` } });
  }
}

const written = readEnvironment(process.env.SHOP_ENVIRONMENT ?? 'dev');
const accountId = process.env.AWS_ACCOUNT ?? written.aws.accountId;
const settings = { ...written, aws: { ...written.aws, accountId } };
const root = process.env.CDKTF_OUTDIR ?? 'cdktf.out';
const app =
  process.env.STATE_LAYOUT === 'shared'
    ? new App({ outdir: root })
    : new EnvironmentApp(settings.environment, root);
new NotedStack(app, settings);
app.synth();
