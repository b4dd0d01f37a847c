// Adds nodes when pods find no room, and removes empty ones: the Cluster Autoscaler, by the desired size of our
// node groups and by nothing else (ADR 28). Rights: kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md, "Full
// Cluster Autoscaler Features Policy", as of August 2026; changes only to groups that are tagged with this cluster's name, as EKS does.
import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';

export class NodeAutoscaler extends Construct {
  constructor(scope: Construct, id: string, { clusterName }: { readonly clusterName: string }) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { region, accountId } = settings.aws;
    const identity = new PodIdentity(this, 'identity', {
      name: `${prefix}-cluster-autoscaler`,
      clusterName,
      namespace: 'kube-system',
      serviceAccount: 'cluster-autoscaler',
    });
    const document = new DataAwsIamPolicyDocument(this, 'may', {
      statement: rights(prefix, region, accountId),
    });
    identity.allow('node-groups', document);
  }
}

const rights = (
  clusterName: string,
  region: string,
  accountId: string,
): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'LookAtGroups',
    actions: [
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeAutoScalingInstances',
      'autoscaling:DescribeLaunchConfigurations',
      'autoscaling:DescribeScalingActivities',
      'ec2:DescribeImages',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:GetInstanceTypesFromInstanceRequirements',
    ],
    // Neither service knows resources for descriptions.
    resources: ['*'],
  },
  {
    // A group without nodes cannot show what its nodes would be like: `compute` begins so.
    sid: 'LookAtEmptyGroups',
    actions: ['eks:DescribeNodegroup'],
    resources: [`arn:aws:eks:${region}:${accountId}:nodegroup/${clusterName}/*/*`],
  },
  {
    sid: 'ChangeSizes',
    actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
    resources: [`arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:*:autoScalingGroupName/*`],
    condition: [
      {
        test: 'StringEquals',
        variable: `aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`,
        values: ['owned'],
      },
    ],
  },
];
