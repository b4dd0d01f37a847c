import { describe, expect, it } from '@jest/globals';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { type Body, platformOf, SETTINGS } from '../../test/infra/synth.ts';

const { gitops } = platformOf('prod');
const settings = SETTINGS.prod;

describe('ArgoCD', () => {
  it('is given one Application, of our repository, and looks after itself from there', () => {
    const root = oneOf(gitops, 'helm_release', 'root');
    const [values] = root.values as string[];
    const { applications } = JSON.parse(values!) as { applications: Record<string, Body> };
    expect(Object.keys(applications)).toEqual(['root']);
    expect(applications.root).toMatchObject({
      source: {
        repoURL: settings.gitops.repositoryUrl,
        targetRevision: 'main',
        path: 'k8s/overlays/aws/applications',
      },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    });
    expect(root.depends_on).toEqual([expect.stringMatching(/^helm_release\.argocd_/)]);
  });

  it('is installed in versions that are written down', () => {
    const versions = Object.values(allOf(gitops, 'helm_release')).map(({ version }) => version);
    expect(new Set(versions)).toEqual(
      new Set([settings.gitops.argocdChartVersion, settings.gitops.argocdAppsChartVersion]),
    );
  });

  it('is reached by a token of whoever deploys: no credentials stand in the stack', () => {
    const [helm] = gitops.provider!.helm!;
    expect((helm!.kubernetes as Body).exec).toMatchObject({ command: 'aws' });
    expect(JSON.stringify(helm)).not.toMatch(/"(token|password|client_key)"/);
  });
});

describe('what manifests cannot know', () => {
  it('stands under the prefix of the environment, in the clear since none of it is secret', () => {
    const parameters = Object.values(allOf(gitops, 'aws_ssm_parameter'));
    const names = parameters.map(({ name }) => String(name));
    expect(names).toEqual(
      expect.arrayContaining(['/shop-prod/kafka-bootstrap-servers', '/shop-prod/edge/shop-url']),
    );
    expect(names.filter((name) => !name.startsWith('/shop-prod/'))).toEqual([]);
    expect(new Set(parameters.map(({ type }) => type))).toEqual(new Set(['String']));
  });

  it('is read by the External Secrets operator, who may read that path and nothing else', () => {
    const statements = oneOf(gitops, 'aws_iam_policy_document', 'may-read').statement as Body[];
    expect(statements.flatMap(({ resources }) => resources)).toEqual([
      'arn:aws:ssm:eu-central-1:777788889999:parameter/shop-prod/*',
    ]);
    expect(oneOf(gitops, 'aws_eks_pod_identity_association')).toMatchObject({
      namespace: 'external-secrets',
      service_account: 'external-secrets',
    });
  });
});
