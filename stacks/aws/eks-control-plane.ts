// The Kubernetes API: in private subnets, its secrets encrypted by a key of ours, everything that is asked of it logged, and who
// administers it written down.
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association/index.js';
import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster/index.js';
import { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import { ServiceRole } from './service-role.ts';

export interface EksControlPlaneProps {
  readonly privateSubnetIds: readonly string[];
  readonly logKey: CustomerKey;
}

/** All that there are (AWS, "Send control plane logs to CloudWatch Logs"). */
const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];

export class EksControlPlane extends Construct {
  readonly cluster: EksCluster;
  /** The group of the API's network interfaces; EKS makes it. */
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { privateSubnetIds, logKey }: EksControlPlaneProps) {
    super(scope, id);
    const { prefix } = PlatformStack.of(this);
    // EKS would make the group itself, without retention and key, at the first line.
    const logs = new LogGroup(this, 'logs', { name: `/aws/eks/${prefix}/cluster`, key: logKey });
    const secretsKey = new CustomerKey(this, 'secrets-key', { purpose: 'kubernetes-secrets' });
    this.cluster = this.createCluster(privateSubnetIds, secretsKey, logs);
    this.securityGroupId = this.cluster.vpcConfig.clusterSecurityGroupId;
    this.admitAdministrators();
  }

  private createCluster(subnetIds: readonly string[], secretsKey: CustomerKey, logs: LogGroup): EksCluster {
    const { settings, prefix } = PlatformStack.of(this);
    const { eks, serviceRange } = settings.aws;
    const role = new ServiceRole(this, 'role', {
      name: `${prefix}-eks-cluster`,
      service: 'eks.amazonaws.com',
      sourceArn: `arn:aws:eks:${settings.aws.region}:${settings.aws.accountId}:cluster/${prefix}`,
      managedPolicies: ['AmazonEKSClusterPolicy'],
    });
    return new EksCluster(this, 'cluster', {
      name: prefix,
      version: eks.version,
      roleArn: role.arn,
      enabledClusterLogTypes: LOG_TYPES,
      // The add-ons are ours from the first hour (ClusterAddon), not EKS's unmanaged copies.
      bootstrapSelfManagedAddons: false,
      deletionProtection: settings.isProtected,
      accessConfig: {
        authenticationMode: 'API',
        // The creator would administer for ever, on no list that a review sees.
        bootstrapClusterCreatorAdminPermissions: false,
      },
      // A version that has run out is upgraded, and not paid for sixfold ("extended support").
      upgradePolicy: { supportType: 'STANDARD' },
      encryptionConfig: { resources: ['secrets'], provider: { keyArn: secretsKey.arn } },
      kubernetesNetworkConfig: { ipFamily: 'ipv4', serviceIpv4Cidr: serviceRange },
      vpcConfig: { subnetIds: [...subnetIds], ...endpointAccess(eks.publicApiRanges) },
      lifecycle: keepsData(settings),
      // Without its policy the role could not take down what it made: the cluster's network interfaces.
      dependsOn: [...role.policies, logs.group],
    });
  }

  /** The role that CI deploys by, since it installs ArgoCD, and those named in the settings. */
  private admitAdministrators(): void {
    const { settings, prefix } = PlatformStack.of(this);
    const deployRole = `arn:aws:iam::${settings.aws.accountId}:role/${prefix}-ci-deploy`;
    const administrators = [deployRole, ...settings.aws.eks.administratorRoleArns];
    for (const principalArn of administrators) {
      const name = principalArn.split('/').at(-1);
      const entry = new EksAccessEntry(this, `entry-${name}`, {
        clusterName: this.cluster.name,
        principalArn,
        type: 'STANDARD',
      });
      new EksAccessPolicyAssociation(this, `administrator-${name}`, {
        clusterName: this.cluster.name,
        principalArn: entry.principalArn,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
        accessScope: { type: 'cluster' },
      });
    }
  }
}

/** Nodes and CI reach the API inside the VPC; others only from the ranges named, and with none there is no way in from outside. */
const endpointAccess = (publicRanges: readonly string[]) => ({
  endpointPrivateAccess: true,
  endpointPublicAccess: publicRanges.length > 0,
  ...(publicRanges.length > 0 ? { publicAccessCidrs: [...publicRanges] } : {}),
});
