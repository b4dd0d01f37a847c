// ArgoCD on the Kubernetes cluster, the one Application from which it learns all others, and the facts that Git can't hold.
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type { AwsStack } from '../aws/stack.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws } from '../constructs/providers.ts';
import { boundRoles } from '../constructs/role-boundary.ts';
import type { Settings } from '../settings.ts';
import { ArgoCd } from './argocd.ts';
import { ClusterFacts } from './cluster-facts.ts';
import { factsOf } from './facts.ts';

export class GitopsStack extends PlatformStack {
  constructor(scope: Construct, id: string, settings: Settings, { aws }: { readonly aws: AwsStack }) {
    super(scope, id, settings);
    this.keepStateInBucket();
    const { kubernetes, secrets } = aws;
    useAws(this);
    boundRoles(this);
    new HelmProvider(this, 'helm', {
      kubernetes: {
        host: kubernetes.endpoint,
        clusterCaCertificate: Fn.base64decode(kubernetes.certificateAuthority),
        // A token of a quarter of an hour, made by whoever runs Terraform: none is kept.
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'aws',
          args: [
            'eks',
            'get-token',
            '--cluster-name',
            kubernetes.clusterName,
            '--region',
            settings.aws.region,
          ],
        },
      },
    });
    new ArgoCd(this, 'argocd', { gitops: settings.gitops });
    new ClusterFacts(this, 'facts', {
      clusterName: kubernetes.clusterName,
      facts: factsOf(settings, aws),
      secrets,
    });
  }
}
