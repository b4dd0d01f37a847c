import { describe, expect, it } from '@jest/globals';
import type { IAppProject } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1';
import { App } from 'cdk8s';
import { allOf } from '../../test/infra/look-up.ts';
import { platformOf } from '../../test/infra/synth.ts';
import { NAMESPACES } from '../namespaces.ts';
import { readOverlays } from '../overlays.ts';
import { addObject, type KubeObject, Part, type PartProps } from '../part.ts';
import { partsOf } from '../parts.ts';
import { applicationsOf } from './applications.ts';
import { claimsOf, groupOf, isChart, objectsOf } from './claims.ts';
import { projectsOf } from './projects.ts';
import { WAVES } from './waves.ts';

const overlays = readOverlays();
const CONTENTS = overlays.map((overlay) => {
  const [root, ...parts] = partsOf(overlay);
  return { name: overlay.name, overlay, root: root!, parts };
});
type Content = (typeof CONTENTS)[number];
type Application = ReturnType<typeof applicationsOf>[number];
interface Scaler {
  readonly spec?: { readonly scaleTargetRef: { readonly name: string } };
}

const SCALERS = new Set(['HorizontalPodAutoscaler', 'ScaledObject']);

describe.each(CONTENTS.map((content) => [content.name, content] as const))(
  'the Applications of %s',
  (_name, content) => {
    const { parts, root, overlay } = content;
    const applications = applicationsOf(parts);
    const applicationOf = (part: Part): Application =>
      applications.find(({ metadata }) => metadata.name === part.node.id)!;

    it('are one for each part, all in the folder that the root reads', () => {
      expect(applications.map(({ metadata }) => metadata.name)).toEqual(parts.map(({ node }) => node.id));
      expect(new Set(parts.map(({ node }) => node.id)).size).toBe(parts.length);
      const kinds = objectsOf(root).map(({ kind, metadata }) => `${kind} ${metadata!.name}`);
      expect(kinds.toSorted()).toEqual(
        [
          ...applications.map(({ metadata }) => `Application ${metadata.name}`),
          ...projectsOf(overlay, parts).map(({ metadata }) => `AppProject ${metadata.name}`),
        ].toSorted(),
      );
    });

    it('apply by the server, replace nothing, try again, and take along what they made', () => {
      for (const { spec, metadata } of applications) {
        expect(spec.syncPolicy.syncOptions).toContain('ServerSideApply=true');
        expect(spec.syncPolicy.syncOptions.join()).not.toMatch(/Replace=|Force=/);
        expect(spec.syncPolicy.retry).toMatchObject({ limit: 10, refresh: true });
        expect(metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io/foreground']);
      }
    });

    it('leave the number of pods to their scaler', () => {
      for (const part of parts) {
        const targets = objectsOf(part)
          .filter(({ kind }) => SCALERS.has(kind))
          .map((object) => (object as Scaler).spec!.scaleTargetRef.name);
        const { ignoreDifferences = [], syncPolicy } = applicationOf(part).spec;
        expect(ignoreDifferences.filter(({ kind }) => kind === 'Deployment').map(({ name }) => name)).toEqual(
          targets,
        );
        expect(syncPolicy.syncOptions.includes('RespectIgnoreDifferences=true')).toBe(
          ignoreDifferences.length > 0,
        );
        for (const name of targets) {
          const deployment = objectsOf(part).find(
            ({ kind, metadata }) => kind === 'Deployment' && metadata!.name === name,
          );
          expect(deployment).not.toHaveProperty('spec.replicas');
        }
      }
    });

    it('come after those that bring their kinds, and wait for kinds that are on their way', () => {
      for (const { part, bringer } of foreignKinds(content)) {
        const isLater = WAVES[part.props.wave] > WAVES[bringer.props.wave];
        expect(isLater ? [] : [`${part.node.id} comes no later than ${bringer.node.id}`]).toEqual([]);
        expect(applicationOf(part).spec.syncPolicy.syncOptions).toContain('SkipDryRunOnMissingResource=true');
      }
    });
  },
);

/** Objects of kinds that another part brings. */
function foreignKinds({ parts }: Content): { part: Part; bringer: Part }[] {
  const groups = parts.flatMap((bringer) =>
    claimsOf(bringer)
      .filter(({ kind }) => kind === 'CustomResourceDefinition')
      .map(({ name }) => ({ bringer, group: name.slice(name.indexOf('.') + 1) })),
  );
  return parts.flatMap((part) =>
    objectsOf(part).flatMap(({ apiVersion }) =>
      groups
        .filter(({ group, bringer }) => group === groupOf(apiVersion) && bringer !== part)
        .map(({ bringer }) => ({ part, bringer })),
    ),
  );
}

describe.each(CONTENTS.map((content) => [content.name, content] as const))(
  'the projects of %s',
  (_name, { parts, overlay }) => {
    const projects = projectsOf(overlay, parts);

    it('are those that the parts name, and never the one that admits everything', () => {
      expect(new Set(projects.map(({ metadata }) => metadata.name))).toEqual(
        new Set(parts.map(({ props }) => props.project)),
      );
      expect(projects.map(({ metadata }) => metadata.name)).not.toContain('default');
    });

    it('admit nothing by a pattern', () => {
      for (const { spec } of projects) {
        expect(JSON.stringify({ ...spec, namespaceResourceBlacklist: [] })).not.toContain('*');
        expect(spec.sourceRepos.length).toBeGreaterThan(0);
        for (const { namespace } of spec.destinations) expect(namespace).toMatch(/^[a-z-]+$/);
      }
    });

    it('admit all that their parts and charts make', () => {
      for (const part of parts) {
        const { spec } = projects.find(({ metadata }) => metadata.name === part.props.project)!;
        const { clusterResourceWhitelist, namespaceResourceWhitelist, destinations }: IAppProject['spec'] =
          spec;
        for (const { group, kind, namespace } of claimsOf(part)) {
          const list = namespace === undefined ? clusterResourceWhitelist : namespaceResourceWhitelist;
          expect(list).toContainEqual(expect.objectContaining({ group, kind }));
          if (namespace !== undefined)
            expect(destinations).toContainEqual({ server: 'https://kubernetes.default.svc', namespace });
        }
      }
    });
  },
);

describe('a part', () => {
  const partIn = (app: App, id: string, props: Partial<PartProps> = {}): Part =>
    new Part(app, id, {
      overlay: overlays[0]!,
      project: 'shop',
      wave: 'services',
      namespace: NAMESPACES.shop,
      ...props,
    });
  const kindOf = (group: string): KubeObject => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
  });

  it('with a kind of another part waits for that part, and with its own kind does not', () => {
    const app = new App();
    const [bringer, user, other] = [partIn(app, 'bringer'), partIn(app, 'user'), partIn(app, 'other')];
    addObject(bringer, kindOf('x.io'));
    addObject(bringer, { apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 'own' } });
    addObject(user, { apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 'a' } });
    addObject(other, { apiVersion: 'y.io/v1', kind: 'Thing', metadata: { name: 'a' } });
    const waiting = applicationsOf([bringer, user, other])
      .filter(({ spec }) => spec.syncPolicy.syncOptions.includes('SkipDryRunOnMissingResource=true'))
      .map(({ metadata }) => metadata.name);
    expect(waiting).toEqual(['user']);
  });

  it('without objects in a namespace has a project that admits none there', () => {
    const part = partIn(new App(), 'some');
    addObject(part, kindOf('x.io'));
    const [project] = projectsOf(overlays[0]!, [part]);
    expect(project!.spec).toMatchObject({
      namespaceResourceBlacklist: [{ group: '*', kind: '*' }],
      clusterResourceWhitelist: [{ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }],
    });
  });

  it('that names a namespace lets its project make that one and no other', () => {
    const part = partIn(new App(), 'some');
    addObject(part, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'load' } });
    const [project] = projectsOf(overlays[0]!, [part]);
    expect(project!.spec.clusterResourceWhitelist).toEqual([{ group: '', kind: 'Namespace', name: 'load' }]);
  });

  it('whose scaler scales nothing is refused', () => {
    const part = partIn(new App(), 'some');
    addObject(part, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a' },
    });
    expect(() => applicationsOf([part])).toThrow('HorizontalPodAutoscaler a scales nothing');
  });
});

describe('the charts on AWS', () => {
  const aws = CONTENTS.filter(({ overlay }) => overlay.kind === 'aws');

  it('are deleted after what they look after: the load balancer goes while its controller is there', () => {
    for (const { parts } of aws) {
      const waveOf = (name: string) => WAVES[parts.find(({ node }) => node.id === name)!.props.wave];
      const ingresses = parts.filter((part) => objectsOf(part).some(({ kind }) => kind === 'Ingress'));
      for (const { props } of ingresses)
        for (const name of ['aws-load-balancer-controller', 'external-dns'])
          expect(WAVES[props.wave]).toBeGreaterThan(waveOf(name));
    }
  });

  it('run as the accounts that have an identity on AWS', () => {
    const { aws: ofAws, gitops } = platformOf('dev');
    const identities = [ofAws, gitops]
      .flatMap((stack) => Object.values(allOf(stack, 'aws_eks_pod_identity_association')))
      .map(({ namespace, service_account: account }) => `${namespace as string}/${account as string}`)
      .filter((name) => !name.startsWith('shop/') && !OF_ADD_ONS.has(name));
    const accounts = aws[0]!.parts
      .filter(isChart)
      .flatMap(({ props }) => accountsOf(props.values).map((name) => `${props.namespace}/${name}`));
    expect(accounts).toEqual(expect.arrayContaining(identities));
    expect(identities.length).toBeGreaterThan(3);
  });
});

/** EKS brings these itself. */
const OF_ADD_ONS = new Set(['kube-system/aws-node', 'kube-system/ebs-csi-controller-sa']);

/** Of the chart itself, and of each program that it has a section for. */
const accountsOf = (values: object): string[] =>
  [values, ...Object.values(values)].flatMap(
    (section: { serviceAccount?: { name?: string } } | undefined) => section?.serviceAccount?.name ?? [],
  );
