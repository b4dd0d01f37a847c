// A group of Kubernetes nodes of one kind, all in private subnets: Amazon Linux 2023, encrypted disks, and no way for a pod to its
// node's credentials.
import { EksNodeGroup as NodeGroup } from '@cdktf/provider-aws/lib/eks-node-group/index.js';
import { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template/index.js';
import { Fn, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { labelsOf } from '../constructs/providers.ts';
import type { Settings } from '../settings.ts';
import { amiTypeOf } from './node-architecture.ts';

/** What all groups of a cluster share. */
export interface NodeSurroundings {
  readonly clusterName: string;
  readonly nodeRoleArn: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  /** Encrypts the disks. */
  readonly volumeKey: CustomerKey;
  /** Without network add-on and role no node becomes ready, and the group fails after half an hour. */
  readonly after: readonly ITerraformDependable[];
}

export interface EksNodeGroupProps {
  /** The value of the nodes' label `workload`. */
  readonly workload: 'general' | 'compute';
  readonly size: Settings['aws']['eks']['general'];
  /** Only pods that tolerate the taint `workload=<workload>:NoSchedule` run on these nodes. @default false */
  readonly isTainted?: boolean;
  readonly surroundings: NodeSurroundings;
}

export class EksNodeGroup extends Construct {
  /** What pods that need nodes come after. */
  readonly nodes: ITerraformDependable;

  constructor(scope: Construct, id: string, props: EksNodeGroupProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { workload, size, surroundings } = props;
    const template = this.launchTemplate(props);
    this.nodes = new NodeGroup(this, 'nodes', {
      clusterName: surroundings.clusterName,
      nodeGroupNamePrefix: `${prefix}-${workload}-`,
      nodeRoleArn: surroundings.nodeRoleArn,
      subnetIds: [...surroundings.subnetIds],
      // Spelled out, so that nodes follow when the cluster's version goes up.
      version: settings.aws.eks.version,
      amiType: amiTypeOf(size.instanceTypes),
      instanceTypes: [...size.instanceTypes],
      capacityType: 'ON_DEMAND',
      launchTemplate: { id: template.id, version: Fn.tostring(template.latestVersion) },
      labels: { workload },
      taint: props.isTainted ? [{ key: 'workload', value: workload, effect: 'NO_SCHEDULE' }] : [],
      scalingConfig: {
        desiredSize: size.nodeCountMin,
        minSize: size.nodeCountMin,
        maxSize: size.nodeCountMax,
      },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
      lifecycle: {
        // New nodes are ready before the pods of the old ones move: so the group has a name prefix.
        createBeforeDestroy: true,
        // Set by the autoscaler, once the group exists.
        ignoreChanges: ['scaling_config[0].desired_size'],
      },
      dependsOn: [...surroundings.after],
    });
  }

  private launchTemplate({ workload, size, surroundings }: EksNodeGroupProps): LaunchTemplate {
    const stack = PlatformStack.of(this);
    const name = `${stack.prefix}-eks-${workload}`;
    return new LaunchTemplate(this, 'template', {
      name,
      description: `Kubernetes nodes for the workload ${workload}`,
      updateDefaultVersion: true,
      vpcSecurityGroupIds: [surroundings.securityGroupId],
      metadataOptions: {
        httpEndpoint: 'enabled',
        httpTokens: 'required',
        // One hop ends at the node: pods have identities of their own.
        httpPutResponseHopLimit: 1,
      },
      blockDeviceMappings: [
        {
          // The root device of Amazon Linux 2023.
          deviceName: '/dev/xvda',
          ebs: {
            volumeType: 'gp3',
            volumeSize: size.diskGib,
            encrypted: 'true',
            kmsKeyId: surroundings.volumeKey.arn,
            deleteOnTermination: 'true',
          },
        },
      ],
      // The provider's labels reach what Terraform makes itself; instances are started by the group.
      tagSpecifications: ['instance', 'volume'].map((resourceType) => ({
        resourceType,
        tags: { ...labelsOf(stack), Name: name },
      })),
    });
  }
}
