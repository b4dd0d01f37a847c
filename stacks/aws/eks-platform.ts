// Kubernetes on AWS: the API, what a cluster needs before it has nodes, the node groups `general` and `compute`, and what runs on
// nodes. The order is the point: a node without its network add-on never becomes ready.
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';
import { ClusterAddon } from './cluster-addon.ts';
import { EksControlPlane } from './eks-control-plane.ts';
import { EksNodeGroup, type NodeSurroundings } from './eks-node-group.ts';
import type { KubernetesCluster } from './hand-over.ts';
import type { MultiAzVpc } from './multi-az-vpc.ts';
import { NodeSecurity } from './node-security.ts';
import { NodeSessions } from './node-sessions.ts';
import { ServiceRole } from './service-role.ts';
import { VolumeDriver } from './volume-driver.ts';

export interface EksPlatformProps {
  readonly network: MultiAzVpc;
  /** Encrypts the logs of the Kubernetes API. */
  readonly logKey: CustomerKey;
}

export class EksPlatform extends Construct implements KubernetesCluster {
  readonly clusterName: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  readonly issuer: string;
  readonly nodeSecurityGroupId: string;

  constructor(scope: Construct, id: string, { network, logKey }: EksPlatformProps) {
    super(scope, id);
    const { cluster, securityGroupId } = new EksControlPlane(this, 'control-plane', {
      privateSubnetIds: network.privateSubnetIds,
      logKey,
    });
    this.clusterName = cluster.name;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.get(0).data;
    this.issuer = cluster.identity.get(0).oidc.get(0).issuer;
    const security = new NodeSecurity(this, 'node-security', {
      vpcId: network.vpcId,
      clusterName: PlatformStack.of(this).prefix,
      apiSecurityGroupId: securityGroupId,
    });
    this.nodeSecurityGroupId = security.securityGroupId;
    const volumeKey = this.volumeKey();
    const addons = this.addonsBeforeNodes().map(({ addon }) => addon);
    const general = this.nodeGroups(network.privateSubnetIds, volumeKey, [
      ...addons,
      ...security.rules,
      ...network.waysOut,
    ]);
    this.addonsOnNodes(general, volumeKey);
  }

  /**
   * Disks are attached in the name of EC2 Auto Scaling, whose role has rights on AWS's own key alone: without it in the policy each
   * node ends at once with `Client.InternalError` (AWS, "Required AWS KMS key policy for use with encrypted volumes").
   */
  private volumeKey(): CustomerKey {
    const { accountId } = PlatformStack.of(this).settings.aws;
    const role = 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    return new CustomerKey(this, 'volume-key', {
      purpose: 'volumes',
      serviceLinkedRoles: [`arn:aws:iam::${accountId}:role/${role}`],
    });
  }

  /** Daemon sets: active without nodes, and there when the first one starts. */
  private addonsBeforeNodes(): ClusterAddon[] {
    const { clusterName } = this;
    const networking = new PodIdentity(this, 'network-identity', {
      name: `${PlatformStack.of(this).prefix}-vpc-cni`,
      clusterName,
      namespace: 'kube-system',
      serviceAccount: 'aws-node',
    });
    // On the nodes' role every pod that shares the node's network could use it.
    const rights = networking.attach('network', 'AmazonEKS_CNI_Policy');
    return [
      new ClusterAddon(this, 'vpc-cni', {
        name: 'vpc-cni',
        clusterName,
        // Network policies have no effect until a plugin enforces them.
        configuration: { enableNetworkPolicy: 'true' },
        after: [networking.association, rights],
      }),
      new ClusterAddon(this, 'pod-identity-agent', {
        name: 'eks-pod-identity-agent',
        clusterName,
        // Spelled out: it must start on a node that is not ready yet. What makes the node ready, the network add-on, has its
        // credentials from it, and each would wait for the other (terraform-aws-eks issue 3621).
        configuration: { tolerations: [{ operator: 'Exists' }] },
      }),
      new ClusterAddon(this, 'kube-proxy', { name: 'kube-proxy', clusterName }),
    ];
  }

  private nodeGroups(
    subnetIds: readonly string[],
    volumeKey: CustomerKey,
    after: readonly ITerraformDependable[],
  ): EksNodeGroup {
    const { prefix, settings } = PlatformStack.of(this);
    const role = new ServiceRole(this, 'node-role', {
      name: `${prefix}-eks-nodes`,
      service: 'ec2.amazonaws.com',
      managedPolicies: ['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly'],
    });
    new NodeSessions(this, 'node-sessions', role);
    const surroundings: NodeSurroundings = {
      clusterName: this.clusterName,
      nodeRoleArn: role.arn,
      subnetIds,
      securityGroupId: this.nodeSecurityGroupId,
      volumeKey,
      after: [...role.policies, ...after],
    };
    const { general, compute } = settings.aws.eks;
    new EksNodeGroup(this, 'compute', { workload: 'compute', size: compute, isTainted: true, surroundings });
    return new EksNodeGroup(this, 'general', { workload: 'general', size: general, surroundings });
  }

  /** Deployments: they become active only on nodes, and no untainted nodes but the general ones are there. */
  private addonsOnNodes({ nodes }: EksNodeGroup, volumeKey: CustomerKey): void {
    const { clusterName } = this;
    for (const name of ['coredns', 'metrics-server'])
      new ClusterAddon(this, name, { name, clusterName, after: [nodes] });
    new VolumeDriver(this, 'volumes', { clusterName, volumeKey, after: [nodes] });
  }
}
