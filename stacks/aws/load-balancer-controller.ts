// Who makes the shop's load balancer: the AWS Load Balancer Controller, by what the manifests ask of it. Its rights are those that
// its authors publish (kubernetes-sigs/aws-load-balancer-controller, docs/install/iam_policy.json, v3.5.0 of August 2026), on this
// account and region instead of all, and without those of features that are switched off: Cognito, the older WAF, Shield, Outposts,
// address pools, certificates kept by IAM.
import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';

export interface LoadBalancerControllerProps {
  readonly clusterName: string;
  /** The one firewall that it may tie to a load balancer. */
  readonly webAclArn: string;
}

/** What the controller makes has the cluster's name in it; everything else is not its own. */
const CLUSTER_TAG = 'elbv2.k8s.aws/cluster';
const asked = (isThere: boolean) => tagCondition('RequestTag', isThere);
const own = tagCondition('ResourceTag', true);

function tagCondition(kind: 'RequestTag' | 'ResourceTag', isThere: boolean) {
  return { test: 'Null', variable: `aws:${kind}/${CLUSTER_TAG}`, values: [String(!isThere)] };
}

export class LoadBalancerController extends Construct {
  constructor(scope: Construct, id: string, { clusterName, webAclArn }: LoadBalancerControllerProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const identity = new PodIdentity(this, 'identity', {
      name: `${prefix}-load-balancer-controller`,
      clusterName,
      namespace: 'kube-system',
      serviceAccount: 'aws-load-balancer-controller',
    });
    const { region, accountId } = settings.aws;
    const document = new DataAwsIamPolicyDocument(this, 'may', {
      statement: [
        ...lookStatements(region, accountId),
        ...securityGroupStatements(`arn:aws:ec2:${region}:${accountId}`),
        ...balancerStatements(`arn:aws:elasticloadbalancing:${region}:${accountId}`),
        ...firewallStatements(webAclArn, `arn:aws:elasticloadbalancing:${region}:${accountId}`),
        {
          // Elastic Load Balancing acts in the account's name by a role that the first load balancer of the account makes.
          sid: 'MakeRoleOfLoadBalancing',
          actions: ['iam:CreateServiceLinkedRole'],
          resources: [
            `arn:aws:iam::${accountId}:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing`,
          ],
          condition: [
            {
              test: 'StringEquals',
              variable: 'iam:AWSServiceName',
              values: ['elasticloadbalancing.amazonaws.com'],
            },
          ],
        },
      ],
    });
    identity.allow('load-balancers', document);
  }
}

const lookStatements = (region: string, accountId: string): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'LookAtNetwork',
    actions: [
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeInstances',
      'ec2:DescribeInternetGateways',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeRouteTables',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeTags',
      'ec2:DescribeVpcs',
    ],
    // EC2 and Elastic Load Balancing know no resources for descriptions.
    resources: ['*'],
  },
  {
    sid: 'LookAtLoadBalancers',
    actions: [
      'elasticloadbalancing:DescribeCapacityReservation',
      'elasticloadbalancing:DescribeListenerAttributes',
      'elasticloadbalancing:DescribeListenerCertificates',
      'elasticloadbalancing:DescribeListeners',
      'elasticloadbalancing:DescribeLoadBalancerAttributes',
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeSSLPolicies',
      'elasticloadbalancing:DescribeTags',
      'elasticloadbalancing:DescribeTargetGroupAttributes',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:DescribeTrustStores',
    ],
    resources: ['*'],
  },
  { sid: 'ListCertificates', actions: ['acm:ListCertificates'], resources: ['*'] },
  {
    sid: 'LookAtCertificates',
    actions: ['acm:DescribeCertificate'],
    resources: [`arn:aws:acm:${region}:${accountId}:certificate/*`],
  },
];

function securityGroupStatements(ec2: string): DataAwsIamPolicyDocumentStatement[] {
  const groups = [`${ec2}:security-group/*`];
  return [
    {
      // Also on groups that it did not make: the nodes' own admits the load balancer.
      sid: 'AdmitLoadBalancers',
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
      resources: groups,
    },
    {
      sid: 'MakeSecurityGroups',
      actions: ['ec2:CreateSecurityGroup'],
      resources: [...groups, `${ec2}:vpc/*`],
    },
    {
      sid: 'NameNewSecurityGroups',
      actions: ['ec2:CreateTags'],
      resources: groups,
      condition: [
        { test: 'StringEquals', variable: 'ec2:CreateAction', values: ['CreateSecurityGroup'] },
        asked(true),
      ],
    },
    {
      sid: 'NameOwnSecurityGroups',
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources: groups,
      condition: [asked(false), own],
    },
    {
      sid: 'DeleteOwnSecurityGroups',
      actions: ['ec2:DeleteSecurityGroup'],
      resources: groups,
      condition: [own],
    },
  ];
}

interface LoadBalancing {
  readonly balancers: readonly string[];
  readonly targets: readonly string[];
  readonly listeners: readonly string[];
}

function balancerStatements(elb: string): DataAwsIamPolicyDocumentStatement[] {
  const parts: LoadBalancing = {
    balancers: [`${elb}:loadbalancer/app/*/*`, `${elb}:loadbalancer/net/*/*`],
    targets: [`${elb}:targetgroup/*/*`],
    listeners: ['listener', 'listener-rule'].flatMap((kind) =>
      ['app', 'net'].map((type) => `${elb}:${kind}/${type}/*/*/*`),
    ),
  };
  return [...makingStatements(parts), ...ownStatements(parts), ...listenerStatements(parts)];
}

const actionsOf = (...names: readonly string[]): string[] =>
  names.map((name) => `elasticloadbalancing:${name}`);

const makingStatements = ({ balancers, targets }: LoadBalancing): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'MakeLoadBalancers',
    actions: actionsOf('CreateLoadBalancer', 'CreateTargetGroup'),
    resources: [...balancers, ...targets],
    condition: [asked(true)],
  },
  {
    sid: 'NameNewLoadBalancers',
    actions: actionsOf('AddTags'),
    resources: [...balancers, ...targets],
    condition: [
      {
        test: 'StringEquals',
        variable: 'elasticloadbalancing:CreateAction',
        values: ['CreateTargetGroup', 'CreateLoadBalancer'],
      },
      asked(true),
    ],
  },
];

const ownStatements = ({ balancers, targets }: LoadBalancing): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'NameOwnLoadBalancers',
    actions: actionsOf('AddTags', 'RemoveTags'),
    resources: [...balancers, ...targets],
    condition: [asked(false), own],
  },
  {
    sid: 'ChangeOwnLoadBalancers',
    actions: actionsOf(
      'DeleteLoadBalancer',
      'DeleteTargetGroup',
      'ModifyCapacityReservation',
      'ModifyLoadBalancerAttributes',
      'ModifyTargetGroup',
      'ModifyTargetGroupAttributes',
      'SetIpAddressType',
      'SetSecurityGroups',
      'SetSubnets',
    ),
    resources: [...balancers, ...targets],
    condition: [own],
  },
  {
    sid: 'RegisterPods',
    actions: actionsOf('DeregisterTargets', 'RegisterTargets'),
    resources: [...targets],
  },
];

const listenerStatements = ({ balancers, listeners }: LoadBalancing): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'ChangeListeners',
    actions: actionsOf(
      'AddListenerCertificates',
      'AddTags',
      'CreateListener',
      'CreateRule',
      'DeleteListener',
      'DeleteRule',
      'ModifyListener',
      'ModifyListenerAttributes',
      'ModifyRule',
      'RemoveListenerCertificates',
      'RemoveTags',
      'SetRulePriorities',
    ),
    // A listener is made on a load balancer, and a rule on a listener.
    resources: [...listeners, ...balancers],
  },
];

/** Both ends of the tie are asked for (AWS, "Actions, resources, and condition keys for AWS WAF V2"). */
const firewallStatements = (webAclArn: string, elb: string): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'TieFirewall',
    actions: [
      'wafv2:AssociateWebACL',
      'wafv2:DisassociateWebACL',
      'wafv2:GetWebACL',
      'wafv2:GetWebACLForResource',
    ],
    resources: [webAclArn, `${elb}:loadbalancer/app/*/*`],
  },
  {
    // The manifests name it, and the controller looks its ARN up.
    sid: 'FindFirewall',
    actions: ['wafv2:ListWebACLs'],
    // A list is of all.
    resources: ['*'],
  },
  {
    sid: 'SetFirewall',
    actions: ['elasticloadbalancing:SetWebAcl'],
    // It knows no resource for this one; without the right on the firewall, above, it is of no use.
    resources: ['*'],
  },
];
