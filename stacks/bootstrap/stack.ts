// Once for each environment, before everything else: the bucket of the states, and the role that may deploy. There are no access keys.
import { Fn, TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { PrivateBucket } from '../aws/private-bucket.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws, useGoogle } from '../constructs/providers.ts';
import { ApiServices } from '../gcp/api-services.ts';
import type { Settings } from '../settings.ts';
import { AccessLogs } from './access-logs.ts';
import { AuditTrail } from './audit-trail.ts';
import { GithubOnAws } from './github-on-aws.ts';
import { GithubOnGoogle } from './github-on-google.ts';
import { ShopZone } from './shop-zone.ts';

/** Long enough to see that a state was spoilt. */
const OLD_STATE_DAYS = 365;

/**
 * Without these Terraform could not even enable the others. A project without `serviceusage` and `cloudresourcemanager` cannot be
 * asked for anything by Terraform: docs/deploy.md enables both by hand.
 */
const FIRST_APIS = ['cloudresourcemanager', 'iam', 'iamcredentials', 'serviceusage', 'sts'] as const;

export class BootstrapStack extends PlatformStack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings);
    if (settings.bootstrap.state === 'bucket') this.keepStateInBucket();
    else this.keepStateInFile();
    useAws(this);
    useGoogle(this);
    // Everything of Google's here waits until they have settled: a new project refuses what it does not know yet.
    new ApiServices(this, 'apis', { apis: FIRST_APIS });
    const key = new CustomerKey(this, 'state-key', { purpose: 'terraform-state' });
    const { policy: loggedAfter } = new AccessLogs(this, 'access-logs').bucket;
    // Of this name `keepStateInBucket` speaks: PrivateBucket puts prefix and account before the purpose.
    const states = new PrivateBucket(this, 'states', {
      purpose: 'terraform-state',
      key,
      oldVersionDays: OLD_STATE_DAYS,
      loggedAfter,
    });
    new AuditTrail(this, 'audit-trail', { loggedAfter });
    const { prefix } = this;
    const { githubRepository, githubRepositoryId, githubOwnerId } = settings.ci;
    const repository = { name: githubRepository, id: githubRepositoryId, ownerId: githubOwnerId };
    const workflows = { prefix, repository, environment: settings.environment };
    const onAws = new GithubOnAws(this, 'github-on-aws', {
      ...workflows,
      accountId: settings.aws.accountId,
      stateBucketArn: states.arn,
      stateKeyArn: key.arn,
    });
    const onGoogle = new GithubOnGoogle(this, 'github-on-google', {
      ...workflows,
      projectId: settings.gcp.projectId,
    });
    if (settings.edge.zone.origin === 'made') this.makeZone();
    this.tell('state-bucket', states.name, 'Holds the state of every stack of this environment');
    this.tell('ci-plan-role', onAws.planRoleArn, 'Role of workflows of pull requests');
    this.tell('ci-deploy-role', onAws.deployRoleArn, 'Role of workflows of the environment');
    this.tell('ci-google-provider', onGoogle.providerName, 'Workload identity provider of the workflows');
    this.tell(
      'ci-google-account',
      onGoogle.email,
      'Service account that workflows of the environment become',
    );
  }

  private makeZone(): void {
    const { nameServers } = new ShopZone(this, 'shop-zone');
    this.tell(
      'name-servers',
      Fn.join(' ', nameServers),
      'For whoever keeps the domain above: NS of the zone',
    );
  }

  private tell(id: string, value: string, description: string): void {
    new TerraformOutput(this, id, { value, description });
  }
}
