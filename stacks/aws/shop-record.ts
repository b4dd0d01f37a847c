// Who leads the names of the shop and of its services to their load balancer, which Kubernetes makes and Terraform never sees: ExternalDNS,
// for these two names. It keeps no notes beside the records (`--registry=noop`), since nothing else may write those names.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';
import { apiHostName } from '../host-names.ts';

export interface ShopRecordProps {
  readonly clusterName: string;
  readonly zoneId: string;
}

export class ShopRecord extends Construct {
  constructor(scope: Construct, id: string, { clusterName, zoneId }: ShopRecordProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const identity = new PodIdentity(this, 'identity', {
      name: `${prefix}-external-dns`,
      clusterName,
      namespace: 'kube-system',
      serviceAccount: 'external-dns',
    });
    const only = (key: string, values: string[]) => ({
      test: 'ForAllValues:StringEquals',
      variable: `route53:ChangeResourceRecordSets${key}`,
      values,
    });
    const zone = `arn:aws:route53:::hostedzone/${zoneId}`;
    const document = new DataAwsIamPolicyDocument(this, 'may', {
      statement: [
        {
          // Not the mail's, not the pictures', not the proofs of certificates (Route 53, "Using IAM policy conditions").
          sid: 'ChangeTwoNames',
          actions: ['route53:ChangeResourceRecordSets'],
          resources: [zone],
          condition: [
            only('NormalizedRecordNames', [settings.edge.hostName, apiHostName(settings)]),
            only('RecordTypes', ['A', 'AAAA']),
          ],
        },
        {
          sid: 'LookAtZone',
          actions: ['route53:ListResourceRecordSets', 'route53:ListTagsForResources'],
          resources: [zone],
        },
        {
          sid: 'FindZone',
          actions: ['route53:ListHostedZones'],
          // A list is of all zones.
          resources: ['*'],
        },
      ],
    });
    identity.allow('shop-record', document);
  }
}
