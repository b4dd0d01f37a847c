import { describe, expect, it } from '@jest/globals';
import { FACTS } from '#contracts/deployed-settings.ts';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { type Body, platformOf, SETTINGS } from '../../test/infra/synth.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../settings.ts';

const { gitops } = platformOf('prod');
const settings = SETTINGS.prod;

interface RootValues {
  readonly applications: Readonly<Record<string, Body>>;
  readonly projects: Readonly<Record<string, Body>>;
}
const valuesOf = (release: Body): unknown => JSON.parse((release.values as string[])[0]!);

describe('ArgoCD', () => {
  it.each(ENVIRONMENTS)(
    'is given one Application, of our repository and the overlay of its environment: %s',
    (name) => {
      const root = oneOf(platformOf(name).gitops, 'helm_release', 'root');
      const { applications, projects } = valuesOf(root) as RootValues;
      expect([Object.keys(applications), Object.keys(projects)]).toEqual([['root'], ['root']]);
      const repository = SETTINGS[name].gitops.repositoryUrl;
      expect(applications.root).toMatchObject({
        project: 'root',
        // Deleted with all that it made, or unknown load balancers stay in the VPC.
        finalizers: ['resources-finalizer.argocd.argoproj.io/foreground'],
        source: { repoURL: repository, targetRevision: 'main', path: `k8s/overlays/aws-${name}/root` },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      });
      expect(projects.root).toMatchObject({
        sourceRepos: [repository],
        destinations: [{ namespace: 'argocd' }],
        namespaceResourceWhitelist: [{ kind: 'Application' }, { kind: 'AppProject' }],
      });
      expect(projects.root).not.toHaveProperty('clusterResourceWhitelist');
      expect(root.depends_on).toEqual([expect.stringMatching(/^helm_release\.argocd_/)]);
    },
  );

  it('counts the health of Applications, else waves would not wait for each other', () => {
    const { configs } = valuesOf(oneOf(gitops, 'helm_release', 'argocd_0')) as { configs: { cm: Body } };
    expect(configs.cm['resource.customizations.health.argoproj.io_Application']).toContain(
      'hs.status = obj.status.health.status',
    );
  });

  it('continues without one of its nodes where the settings say so', () => {
    const runsTwice = (name: EnvironmentName) =>
      (valuesOf(oneOf(platformOf(name).gitops, 'helm_release', 'argocd_0')) as { server: Body }).server
        .replicas;
    expect([runsTwice('dev'), runsTwice('prod')]).toEqual([1, 2]);
  });

  it('is installed in versions that are written down', () => {
    const versions = Object.values(allOf(gitops, 'helm_release')).map(({ version }) => version);
    expect(new Set(versions)).toEqual(
      new Set([settings.gitops.argocdChartVersion, settings.gitops.argocdAppsChartVersion]),
    );
  });

  it('is reached by a token of the deploying identity: there are no credentials in the stack', () => {
    const [helm] = gitops.provider!.helm!;
    expect((helm!.kubernetes as Body).exec).toMatchObject({ command: 'aws' });
    expect(JSON.stringify(helm)).not.toMatch(/"(token|password|client_key)"/);
  });
});

describe('what manifests cannot know', () => {
  const parameters = Object.values(allOf(gitops, 'aws_ssm_parameter'));
  const valueOf = (name: string) => parameters.find((one) => one.name === `/shop-prod/${name}`)?.value;

  it('is under the prefix of the environment, not encrypted since none of it is secret', () => {
    expect(new Set(parameters.map(({ name }) => name))).toEqual(
      new Set(FACTS.map((fact) => `/shop-prod/${fact}`)),
    );
    expect(new Set(parameters.map(({ type }) => type))).toEqual(new Set(['String']));
    expect(JSON.stringify(parameters)).not.toMatch(/password|secret|\/\/[^@/]+:[^@/]+@/i);
  });

  it('gives each service its own user of the one database', () => {
    expect(valueOf('order/database-url')).toMatch(/^postgres:\/\/order_service@\$\{.+\}:5432\/shop$/);
    expect(valueOf('user/database-url')).toMatch(/^postgres:\/\/user_service@/);
  });

  it('names as proxies the networks of the load balancers alone', () => {
    expect(valueOf('network/trusted-proxies')).toBe('10.12.192.0/21,10.12.200.0/21,10.12.208.0/21');
    // Load balancers, and the storefront among the pods.
    expect(valueOf('network/trusted-proxies-and-pods')).toBe(
      '10.12.192.0/21,10.12.200.0/21,10.12.208.0/21,10.12.0.0/18,10.12.64.0/18,10.12.128.0/18',
    );
  });
});
