// ArgoCD's objects: every Application finds its source, and its project admits all of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Product, supportOf } from '../../../stacks/versions.ts';
import {
  at,
  type Content,
  groupOf,
  isOfTheCluster,
  type KubeObject,
  listAt,
  nameOf,
  type Placed,
} from '../content.ts';
import { type Finding, firstOf, type Rule } from './rule.ts';

export interface Source {
  readonly repoURL: string;
  readonly path?: string;
  readonly chart?: string;
  readonly targetRevision?: string;
}

/** Of an Application, whether it has one or several. */
export function sourcesOf({ object }: Placed): Source[] {
  const one = at(object, 'spec.source') as Source | undefined;
  return [...(one ? [one] : []), ...listAt<Source>(object, 'spec.sources')];
}

const projectOf = (content: Content, { object }: Placed): KubeObject | undefined =>
  content.find('AppProject', object.metadata.namespace, String(at(object, 'spec.project')))?.object;

const globbed = (pattern: string, text: string): boolean => pattern === '*' || pattern === text;

interface Kind {
  readonly group: string;
  readonly kind: string;
  readonly name?: string;
}

const names = (kinds: readonly Kind[], object: KubeObject): boolean =>
  kinds.some(
    ({ group, kind, name }) =>
      globbed(group, groupOf(object)) &&
      globbed(kind, object.kind) &&
      (name === undefined || globbed(name, object.metadata.name)),
  );

/** Argo CD, "Projects": of the cluster's kinds what is listed, of a namespace's kinds all unless there is a list. */
function isAdmitted(project: KubeObject, object: KubeObject): boolean {
  if (isOfTheCluster(object)) return names(listAt(project, 'spec.clusterResourceWhitelist'), object);
  const wanted = at(project, 'spec.namespaceResourceWhitelist') as Kind[] | undefined;
  const unwanted = listAt<Kind>(project, 'spec.namespaceResourceBlacklist');
  return (wanted === undefined || names(wanted, object)) && !names(unwanted, object);
}

const reaches = (project: KubeObject, namespace: string): boolean =>
  listAt<{ namespace?: string; server?: string }>(project, 'spec.destinations').some(
    (one) =>
      globbed(one.namespace ?? '', namespace) && globbed(one.server ?? '', 'https://kubernetes.default.svc'),
  );

const applicationOf = (content: Content, part: string): Placed | undefined =>
  content.all('Application').find(({ object }) => object.metadata.name === part);

/** Objects of the parts that some Application syncs; the root's own are synced by what ArgoCD is given first. */
const synced = (content: Content): Placed[] =>
  content.placed.filter(({ object }) => object.kind !== 'Application' && object.kind !== 'AppProject');

const PATHS: readonly Rule[] = [
  {
    id: 'application-path',
    title: 'an Application finds its folder',
    remedy: 'render the part, or take the Application away',
    judges: (content) => content.all('Application').flatMap(sourcesOf).length,
    find: (content) =>
      content.all('Application').flatMap((placed) =>
        sourcesOf(placed).flatMap(({ path, chart }): Finding[] => {
          if (chart) return [];
          const isThere =
            path !== undefined && existsSync(join(content.repository, path, 'kustomization.yaml'));
          return isThere ? [] : [{ at: placed, field: 'spec.source.path', text: `there is no ${path}` }];
        }),
      ),
    breaks: [
      {
        what: 'an Application of a folder that is not there',
        on(content) {
          const { object } = firstOf(content.all('Application'), 'Application');
          object.spec = {
            ...(object.spec as object),
            source: { repoURL: 'x', path: 'k8s/overlays/local/nothing' },
          };
        },
      },
    ],
  },
  {
    id: 'part-synced',
    title: 'each part has an Application, and each Application a part or a chart',
    remedy: 'add the part to k8s/parts.ts',
    judges: (content) => content.placed.length,
    find: (content) =>
      synced(content)
        .filter(({ part }) => !applicationOf(content, part))
        .map((placed) => ({
          at: placed,
          field: 'metadata.name',
          text: `no Application syncs the part ${placed.part}`,
        })),
    breaks: [
      {
        what: 'a part that no Application syncs',
        on: (content) => content.remove(firstOf(content.all('Application'), 'Application')),
      },
    ],
  },
  {
    id: 'chart-version',
    title: 'a chart has an exact version that stacks/versions.ts lists',
    remedy: 'give it a row in stacks/versions.ts',
    judges: (content) => content.all('Application').length,
    find: (content) =>
      content.all('Application').flatMap((placed) =>
        sourcesOf(placed).flatMap(({ chart, targetRevision = '' }): Finding[] => {
          if (!chart || supportOf(`chart ${chart}` as Product, targetRevision)) return [];
          return [
            {
              at: placed,
              field: 'spec.source.targetRevision',
              text: `${chart} ${targetRevision} has no row`,
            },
          ];
        }),
      ),
    breaks: [
      {
        what: 'a chart of any version',
        on(content) {
          const { object } = firstOf(content.all('Application'), 'Application');
          object.spec = {
            ...(object.spec as object),
            source: { repoURL: 'x', chart: 'keda', targetRevision: '*' },
          };
        },
      },
    ],
  },
];

const PROJECTS: readonly Rule[] = [
  {
    id: 'project-admits',
    title:
      'a project admits the kinds, namespaces and sources of its Applications, and is none that admits everything',
    remedy: 'let the projects follow from the parts (k8s/argocd/projects.ts)',
    judges: (content) => synced(content).length,
    find: (content) => [
      ...content.all('Application').flatMap((placed) => sourceFindings(content, placed)),
      ...synced(content).flatMap((placed) => objectFindings(content, placed)),
    ],
    breaks: [
      {
        what: 'a project that does not know Deployments',
        on(content) {
          for (const { object } of content.all('AppProject'))
            (object.spec as Record<string, unknown>).namespaceResourceWhitelist = [
              { group: '', kind: 'Service' },
            ];
          firstOf(content.all('AppProject'), 'AppProject');
        },
      },
      {
        what: 'an Application of ArgoCD’s own project',
        on: (content) =>
          void ((
            firstOf(content.all('Application'), 'Application').object.spec as { project: string }
          ).project = 'default'),
      },
      {
        what: 'a project for another namespace',
        on(content) {
          for (const { object } of content.all('AppProject'))
            (object.spec as Record<string, unknown>).destinations = [
              { server: 'https://kubernetes.default.svc', namespace: 'elsewhere' },
            ];
        },
      },
    ],
  },
];

function sourceFindings(content: Content, placed: Placed): Finding[] {
  const project = projectOf(content, placed);
  if (!project)
    return [
      {
        at: placed,
        field: 'spec.project',
        text: `there is no project ${String(at(placed.object, 'spec.project'))}`,
      },
    ];
  const repositories = listAt<string>(project, 'spec.sourceRepos');
  const namespace = String(at(placed.object, 'spec.destination.namespace'));
  return [
    ...sourcesOf(placed)
      .filter(({ repoURL }) => !repositories.includes(repoURL))
      .map(({ repoURL }) => ({
        at: placed,
        field: 'spec.source.repoURL',
        text: `${nameOf(project)} does not admit ${repoURL}`,
      })),
    ...(reaches(project, namespace)
      ? []
      : [{ at: placed, field: 'spec.destination', text: `${nameOf(project)} does not reach ${namespace}` }]),
  ];
}

function objectFindings(content: Content, placed: Placed): Finding[] {
  const application = applicationOf(content, placed.part);
  const project = application && projectOf(content, application);
  if (!project) return [];
  const { namespace } = placed.object.metadata;
  return [
    ...(isAdmitted(project, placed.object)
      ? []
      : [{ at: placed, field: 'kind', text: `${nameOf(project)} does not admit it` }]),
    ...(namespace === undefined || reaches(project, namespace)
      ? []
      : [{ at: placed, field: 'metadata.namespace', text: `${nameOf(project)} does not reach it` }]),
  ];
}

export const APPLICATIONS: readonly Rule[] = [...PATHS, ...PROJECTS];
