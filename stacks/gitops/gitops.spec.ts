import { describe, expect, it } from '@jest/globals';
import { FACTS } from '#contracts/deployed-settings.ts';
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
  const parameters = Object.values(allOf(gitops, 'aws_ssm_parameter'));
  const valueOf = (name: string) => parameters.find((one) => one.name === `/shop-prod/${name}`)?.value;

  it('stands under the prefix of the environment, in the clear since none of it is secret', () => {
    expect(new Set(parameters.map(({ name }) => name))).toEqual(
      new Set(FACTS.map((fact) => `/shop-prod/${fact}`)),
    );
    expect(new Set(parameters.map(({ type }) => type))).toEqual(new Set(['String']));
    expect(JSON.stringify(parameters)).not.toMatch(/password|secret|\/\/[^@/]+:[^@/]+@/i);
  });

  it('tells each service its own user of the one database', () => {
    expect(valueOf('order/database-url')).toMatch(/^postgres:\/\/order_service@\$\{.+\}:5432\/shop$/);
    expect(valueOf('user/database-url')).toMatch(/^postgres:\/\/user_service@/);
  });

  it('names as proxies the networks of the load balancers alone', () => {
    expect(valueOf('network/trusted-proxies')).toBe('10.12.192.0/21,10.12.200.0/21,10.12.208.0/21');
  });
});
