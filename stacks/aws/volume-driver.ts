// Disks for pods: the EBS CSI driver, with the right to make volumes, encrypted by our key.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';
import { ClusterAddon } from './cluster-addon.ts';

export interface VolumeDriverProps {
  readonly clusterName: string;
  readonly volumeKey: CustomerKey;
  readonly after: readonly ITerraformDependable[];
}

export class VolumeDriver extends Construct {
  constructor(scope: Construct, id: string, { clusterName, volumeKey, after }: VolumeDriverProps) {
    super(scope, id);
    const identity = new PodIdentity(this, 'identity', {
      name: `${PlatformStack.of(this).prefix}-ebs-csi`,
      clusterName,
      namespace: 'kube-system',
      serviceAccount: 'ebs-csi-controller-sa',
    });
    const mayMake = identity.attach('volumes', 'service-role/AmazonEBSCSIDriverPolicy');
    const mayUseKey = identity.allow('volume-key', this.keyPolicy(volumeKey));
    new ClusterAddon(this, 'driver', {
      name: 'aws-ebs-csi-driver',
      clusterName,
      after: [...after, identity.association, mayMake, mayUseKey],
    });
  }

  /** EC2 keeps a volume's key by a grant, which the driver makes when it attaches the volume. */
  private keyPolicy(volumeKey: CustomerKey): DataAwsIamPolicyDocument {
    return new DataAwsIamPolicyDocument(this, 'may-encrypt', {
      statement: [
        volumeKey.useStatement('write'),
        {
          sid: 'GrantToVolumes',
          actions: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
          resources: [volumeKey.arn],
          condition: [{ test: 'Bool', variable: 'kms:GrantIsForAWSResource', values: ['true'] }],
        },
      ],
    });
  }
}
