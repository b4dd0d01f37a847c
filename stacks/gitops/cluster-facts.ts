// What the manifests in Git cannot know: addresses that exist only once the clouds are built. They stand in Parameter Store,
// from where the External Secrets operator brings them into the cluster. None is a secret.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter/index.js';
import { Construct } from 'constructs';
import { PodIdentity } from '../constructs/pod-identity.ts';
import type { Settings } from '../settings.ts';

export interface ClusterFactsProps {
  readonly prefix: string;
  readonly aws: Settings['aws'];
  readonly clusterName: string;
  /** Name to value. */
  readonly facts: Readonly<Record<string, string>>;
}

export class ClusterFacts extends Construct {
  constructor(scope: Construct, id: string, props: ClusterFactsProps) {
    super(scope, id);
    const { prefix, aws, clusterName } = props;
    for (const [name, value] of Object.entries(props.facts)) {
      new SsmParameter(this, name, { name: `/${prefix}/${name}`, type: 'String', value });
    }
    const reader = new PodIdentity(this, 'external-secrets', {
      name: `${prefix}-external-secrets`,
      clusterName,
      namespace: 'external-secrets',
      serviceAccount: 'external-secrets',
    });
    const policy = new DataAwsIamPolicyDocument(this, 'may-read', {
      statement: [
        {
          sid: 'ReadFacts',
          actions: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
          resources: [`arn:aws:ssm:${aws.region}:${aws.accountId}:parameter/${prefix}/*`],
        },
      ],
    });
    reader.allow('facts', policy);
  }
}
