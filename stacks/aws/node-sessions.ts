// A way to the private Kubernetes API: the agent on the nodes (it is part of AL2023) opens a session of Systems Manager, and a person
// forwards a port through it to the API. The nodes call out; nothing can call in.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { Construct } from 'constructs';
import type { ServiceRole } from './service-role.ts';

export class NodeSessions extends Construct {
  /** Not `AmazonSSMManagedInstanceCore`: by that, every node reads every parameter of the account. */
  constructor(scope: Construct, id: string, role: ServiceRole) {
    super(scope, id);
    const document = new DataAwsIamPolicyDocument(this, 'may-open', {
      statement: [
        {
          sid: 'Sessions',
          actions: [
            'ssm:UpdateInstanceInformation',
            'ssmmessages:CreateControlChannel',
            'ssmmessages:CreateDataChannel',
            'ssmmessages:OpenControlChannel',
            'ssmmessages:OpenDataChannel',
          ],
          // AWS, "Add Session Manager permissions to an existing IAM role": the channels are no resources.
          resources: ['*'],
        },
      ],
    });
    new IamRolePolicy(this, 'policy', { role: role.name, name: 'sessions', policy: document.json });
  }
}
