// The AWS identity of one Kubernetes service account: a role that only the pods of that account get, without keys and without the
// rights of their node (AWS, "Learn how EKS Pod Identity grants pods access to AWS services").
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface PodIdentityProps {
  /** Of the role. */
  readonly name: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

export class PodIdentity extends Construct {
  readonly roleArn: string;
  readonly roleName: string;
  /** What must exist before a pod starts: credentials are given to new pods only. */
  readonly association: ITerraformDependable;

  constructor(scope: Construct, id: string, props: PodIdentityProps) {
    super(scope, id);
    const { name, clusterName, namespace, serviceAccount } = props;
    const role = new IamRole(this, 'role', {
      name,
      description: `Pods of ${namespace}/${serviceAccount}`,
      assumeRolePolicy: this.trust(props).json,
    });
    this.association = new EksPodIdentityAssociation(this, 'association', {
      clusterName,
      namespace,
      serviceAccount,
      roleArn: role.arn,
    });
    this.roleArn = role.arn;
    this.roleName = role.name;
  }

  /** Gives the account what the document says. */
  allow(id: string, policy: DataAwsIamPolicyDocument): ITerraformDependable {
    return new IamRolePolicy(this, `allow-${id}`, { name: id, role: this.roleName, policy: policy.json });
  }

  /** Gives the account a policy that AWS keeps, such as `service-role/AmazonEBSCSIDriverPolicy`. */
  attach(id: string, managedPolicy: string): ITerraformDependable {
    return new IamRolePolicyAttachment(this, `attach-${id}`, {
      role: this.roleName,
      policyArn: `arn:aws:iam::aws:policy/${managedPolicy}`,
    });
  }

  /** EKS names the pod's account by session tags: without these conditions any association of the account could name the role. */
  private trust({ clusterName, namespace, serviceAccount }: PodIdentityProps): DataAwsIamPolicyDocument {
    const tags = {
      'eks-cluster-name': clusterName,
      'kubernetes-namespace': namespace,
      'kubernetes-service-account': serviceAccount,
    };
    return new DataAwsIamPolicyDocument(this, 'trust', {
      statement: [
        {
          sid: 'PodsOfOneAccount',
          actions: ['sts:AssumeRole', 'sts:TagSession'],
          principals: [{ type: 'Service', identifiers: ['pods.eks.amazonaws.com'] }],
          condition: Object.entries(tags).map(([tag, value]) => ({
            test: 'StringEquals',
            variable: `aws:RequestTag/${tag}`,
            values: [value],
          })),
        },
      ],
    });
  }
}
