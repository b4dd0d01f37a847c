// ArgoCD on the Kubernetes cluster, the one Application from which it learns all others, and the facts that Git can't hold.
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type { AwsStack } from '../aws/stack.ts';
import { ACCESS_LOG_PREFIX, accessLogBucketName } from '../constructs/access-log-names.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws } from '../constructs/providers.ts';
import { boundRoles } from '../constructs/role-boundary.ts';
import type { EdgeStack } from '../edge/stack.ts';
import { imagesBaseUrl, mailSender, shopUrl } from '../host-names.ts';
import type { Settings } from '../settings.ts';
import { ArgoCd } from './argocd.ts';
import { ClusterFacts } from './cluster-facts.ts';

export class GitopsStack extends PlatformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    { aws, edge }: { readonly aws: AwsStack; readonly edge: EdgeStack },
  ) {
    super(scope, id, settings);
    const { kubernetes } = aws;
    this.keepStateInBucket();
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
      prefix: this.prefix,
      aws: settings.aws,
      clusterName: kubernetes.clusterName,
      facts: {
        'kafka-bootstrap-servers': aws.kafka.bootstrapServers,
        'kafka-region': settings.aws.region,
        ...edgeFacts(settings, aws, edge),
      },
    });
  }
}

/** How the shop is met on the internet, where its mails and images go out, and where logs are kept: `<area>/<name>`. */
const edgeFacts = (settings: Settings, aws: AwsStack, edge: EdgeStack): Record<string, string> => ({
  'edge/host-name': settings.edge.hostName,
  'edge/shop-url': shopUrl(settings),
  'edge/zone-id': edge.zoneId,
  'edge/certificate-arn': edge.shopCertificateArn,
  'edge/web-acl-arn': edge.webAclArn,
  'images/base-url': imagesBaseUrl(settings),
  'mail/from': mailSender(settings),
  'mail/configuration-set': edge.mail.configurationSetName,
  'registry/address': aws.registryAddress,
  'logs/loki-bucket': aws.logBucketName,
  'logs/access-log-bucket': accessLogBucketName(settings),
  'logs/access-log-prefix': ACCESS_LOG_PREFIX.loadBalancer,
});
