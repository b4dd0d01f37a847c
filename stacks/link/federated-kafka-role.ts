// The AWS role that a workload on Google Cloud becomes to use Kafka: by its Google identity token, without any key. AWS trusts
// `accounts.google.com` without a provider. Source: AWS, "Available keys for AWS OIDC federation".
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { Construct } from 'constructs';
import type { Process } from '#contracts/process.ts';
import { kafkaStatements } from '../constructs/kafka-access.ts';
import type { ServiceIdentity } from '../gcp/hand-over.ts';

export interface FederatedKafkaRoleProps {
  readonly name: string;
  /** Whose topics and groups it may use. */
  readonly process: Process;
  readonly clusterArn: string;
  /** Who may become it. */
  readonly identity: ServiceIdentity;
  /** What the token must be made for: one made for another audience is refused. */
  readonly audience: string;
}

const GOOGLE = 'accounts.google.com';

export class FederatedKafkaRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: FederatedKafkaRoleProps) {
    super(scope, id);
    const trust = this.trust(props);
    const role = new IamRole(this, 'role', {
      name: props.name,
      description: `Kafka for ${props.process.name} on Google Cloud`,
      assumeRolePolicy: trust.json,
      maxSessionDuration: 3_600,
    });
    const permissions = new DataAwsIamPolicyDocument(this, 'permissions', {
      statement: kafkaStatements(props.process, props.clusterArn),
    });
    new IamRolePolicy(this, 'kafka', { name: 'kafka', role: role.name, policy: permissions.json });
    this.arn = role.arn;
  }

  private trust({ identity, audience }: FederatedKafkaRoleProps): DataAwsIamPolicyDocument {
    const equals = (variable: string, values: string[]) => ({
      test: 'StringEquals',
      variable: `${GOOGLE}:${variable}`,
      values,
    });
    return new DataAwsIamPolicyDocument(this, 'trust', {
      statement: [
        {
          sid: 'GoogleIdentity',
          actions: ['sts:AssumeRoleWithWebIdentity'],
          principals: [{ type: 'Federated', identifiers: [GOOGLE] }],
          condition: [
            // `aud` holds the token's `azp` where there is one: the service account; `oaud` what it was made for.
            equals('aud', [identity.uniqueId]),
            equals('sub', [identity.uniqueId]),
            equals('oaud', [audience]),
          ],
        },
      ],
    });
  }
}
