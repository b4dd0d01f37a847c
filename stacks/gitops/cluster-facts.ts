// What the manifests in Git cannot know, and what they must not: facts in Parameter Store, none of them secret, and the secrets of the
// services. The External Secrets operator brings both into the cluster, and reads nothing else.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter/index.js';
import { Construct } from 'constructs';
import { factPath } from '#contracts/deployed-settings.ts';
import type { ServiceSecrets } from '../aws/service-secrets.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';

export interface ClusterFactsProps {
  readonly clusterName: string;
  /** Name to value. */
  readonly facts: Readonly<Record<string, string>>;
  readonly secrets: ServiceSecrets;
}

export class ClusterFacts extends Construct {
  constructor(scope: Construct, id: string, { clusterName, facts, secrets }: ClusterFactsProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { region, accountId } = settings.aws;
    const parameters = Object.entries(facts).map(
      ([name, value]) =>
        new SsmParameter(this, name.replace('/', '-'), {
          name: factPath(prefix, name),
          type: 'String',
          value,
        }),
    );
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
          actions: ['ssm:GetParameter', 'ssm:GetParameters'],
          resources: parameters.map(
            ({ nameInput }) => `arn:aws:ssm:${region}:${accountId}:parameter${nameInput}`,
          ),
        },
        {
          sid: 'ReadSecrets',
          actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          resources: [...secrets.arns],
        },
        secrets.key.useStatement('read'),
      ],
    });
    reader.allow('facts', policy);
  }
}
