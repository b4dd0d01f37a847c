// An add-on that AWS keeps for Kubernetes, in the version that belongs to the cluster's: both go up in one apply.
import { DataAwsEksAddonVersion } from '@cdktf/provider-aws/lib/data-aws-eks-addon-version/index.js';
import { EksAddon } from '@cdktf/provider-aws/lib/eks-addon/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';

export interface ClusterAddonProps {
  /** AWS's, such as `vpc-cni`. */
  readonly name: string;
  readonly clusterName: string;
  /** As the add-on's own schema says (`aws eks describe-addon-configuration`). @default AWS's */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** What it can't become active without. @default nothing but the cluster */
  readonly after?: readonly ITerraformDependable[];
}

export class ClusterAddon extends Construct {
  readonly addon: ITerraformDependable;

  constructor(scope: Construct, id: string, props: ClusterAddonProps) {
    super(scope, id);
    const { name, clusterName, configuration, after = [] } = props;
    const { version } = new DataAwsEksAddonVersion(this, 'version', {
      addonName: name,
      kubernetesVersion: PlatformStack.of(this).settings.aws.eks.version,
      // AWS's default for that Kubernetes has been tried longest.
      mostRecent: false,
    });
    this.addon = new EksAddon(this, 'addon', {
      addonName: name,
      addonVersion: version,
      clusterName,
      ...(configuration ? { configurationValues: JSON.stringify(configuration) } : {}),
      // Changes by hand in the cluster are reverted to what is written here.
      resolveConflictsOnCreate: 'OVERWRITE',
      resolveConflictsOnUpdate: 'OVERWRITE',
      dependsOn: [...after],
    });
  }
}
