// ArgoCD on the Kubernetes cluster, the one Application from which it learns all others, and the facts that Git can't hold.
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { Fn, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import type { KubernetesCluster } from '../aws/hand-over.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws } from '../constructs/providers.ts';
import { boundRoles } from '../constructs/role-boundary.ts';
import type { Settings } from '../settings.ts';
import { ArgoCd } from './argocd.ts';
import { ClusterFacts } from './cluster-facts.ts';
import { type FactSources, factsOf } from './facts.ts';

export class GitopsStack extends PlatformStack {
  constructor(scope: Construct, id: string, settings: Settings, sources: FactSources) {
    super(scope, id, settings);
    this.keepStateInBucket();
    const { kubernetes, secrets } = sources.aws;
    useAws(this);
    boundRoles(this);
    this.useHelm(kubernetes);
    new ArgoCd(this, 'argocd', { settings });
    new ClusterFacts(this, 'facts', {
      clusterName: kubernetes.clusterName,
      facts: factsOf(settings, sources),
      secrets,
    });
  }

  private useHelm({ endpoint, certificateAuthority, clusterName }: KubernetesCluster): void {
    const api = new TerraformVariable(this, 'kubernetes_api', {
      type: 'string',
      description:
        'Where the Kubernetes API is reached, such as https://127.0.0.1:8443 at the end of a forwarded port',
      default: '',
    });
    new HelmProvider(this, 'helm', {
      kubernetes: {
        host: Fn.coalesce([api.stringValue, endpoint]),
        // A client behind a forwarded port still verifies the certificate of the API itself.
        tlsServerName: Fn.replace(endpoint, 'https://', ''),
        clusterCaCertificate: Fn.base64decode(certificateAuthority),
        // A token of a quarter of an hour, made by the identity that runs Terraform: none is kept.
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'aws',
          args: ['eks', 'get-token', '--cluster-name', clusterName, '--region', this.settings.aws.region],
        },
      },
    });
  }
}
