// A role and a schema in Postgres for each service: a function in the VPC makes them, and each deployment that changes the function, the
// list or the instance calls it. Who deploys cannot reach the database, and shall not have its password.
import { createHash } from 'node:crypto';
import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { SERVICE_DATABASES } from '#contracts/service-databases.ts';
import type { LambdaArtifact } from '../artifacts.ts';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AwsNetwork } from './hand-over.ts';
import type { PostgresRds } from './postgres-rds.ts';
import { PrivateFunction } from './private-function.ts';

export interface DatabaseRolesProps {
  readonly artifact: LambdaArtifact;
  readonly network: AwsNetwork;
  readonly postgres: PostgresRds;
  readonly key: CustomerKey;
  readonly logKey: CustomerKey;
  readonly alarmTopicArn: string;
}

export class DatabaseRoles extends Construct {
  constructor(scope: Construct, id: string, props: DatabaseRolesProps) {
    super(scope, id);
    const { artifact, postgres } = props;
    const { region } = PlatformStack.of(this).settings.aws;
    const administrator = new PrivateFunction(this, 'function', {
      ...props,
      name: 'database-roles',
      description: 'Gives each service its role and schema in Postgres; called by each deployment',
      memoryMib: 512,
      timeoutSeconds: 60,
      concurrency: 1,
      environment: {
        DATABASE_URL: postgres.urlOf(postgres.owner),
        DATABASE_AWS_REGION: region,
        OWNER_SECRET_ARN: postgres.ownerSecretArn,
      },
      statements: [
        // By token or by password: see lambda/database-roles/README.md.
        postgres.signInStatement(postgres.owner),
        {
          sid: 'ReadPasswordOfOwner',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [postgres.ownerSecretArn],
        },
        postgres.key.useStatement('read'),
      ],
    });
    const paths = [
      ...postgres.connect('database-roles', administrator.securityGroupId),
      this.reachSecretsManager(administrator.securityGroupId),
    ];
    new LambdaInvocation(this, 'invocation', {
      functionName: administrator.lambda.functionName,
      input: '{}',
      triggers: { code: artifact.sha256Base64, places: placesHash(), instance: postgres.resourceId },
      dependsOn: paths,
    });
  }

  /** Through NAT, as everything in the private subnets reaches AWS's APIs. */
  private reachSecretsManager(securityGroupId: string): ITerraformDependable {
    return new VpcSecurityGroupEgressRule(this, 'to-secrets-manager', {
      securityGroupId,
      description: 'Secrets Manager over TLS',
      cidrIpv4: '0.0.0.0/0',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    });
  }
}

const placesHash = (): string => createHash('sha256').update(JSON.stringify(SERVICE_DATABASES)).digest('hex');
