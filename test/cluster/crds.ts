// The definitions of the kinds that operators bring, each from its project, in the version whose chart ArgoCD installs.
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { download, sha256Of } from '../../local/downloads/download.ts';
import { VERSIONS } from '../../stacks/versions.ts';
import { groupOf, type KubeObject } from '../k8s/content.ts';

interface Release {
  readonly owner: string;
  /** Whose version decides. */
  readonly chart: keyof typeof VERSIONS;
  /** The version of that chart whose program is this release: another one asks for other files. */
  readonly chartVersion: string;
  /** Of the files. */
  readonly address: string;
  readonly files: readonly (readonly [name: string, sha256: string])[];
}

const raw = (repository: string, tag: string, folder: string): string =>
  `https://raw.githubusercontent.com/${repository}/${tag}/${folder}`;

/** By group. Files and checksums: the tags of the projects' repositories, looked up on 2026-11-28. */
export const RELEASES: ReadonlyMap<string, Release> = new Map([
  [
    'keda.sh',
    {
      owner: 'KEDA',
      chart: 'chart keda',
      chartVersion: '2.20.2',
      address: raw('kedacore/keda', 'v2.20.2', 'config/crd/bases'),
      files: [
        ['keda.sh_scaledobjects.yaml', 'af35555862a83933b074af14ad439c4b4ceabaf4daa3e9338e9b23e36d308d80'],
        [
          'keda.sh_triggerauthentications.yaml',
          '275307b4cb19ca8f0f506a879282aa4c67587ac16ec757f494d6585c5c185d65',
        ],
      ],
    },
  ],
  [
    'external-secrets.io',
    {
      owner: 'External Secrets',
      chart: 'chart external-secrets',
      chartVersion: '2.9.0',
      address: raw('external-secrets/external-secrets', 'v2.9.0', 'config/crds/bases'),
      files: [
        [
          'external-secrets.io_clustersecretstores.yaml',
          'f847c69ae317a76527fc37c163ddfe15d9026e14eb47dd325319e914e0433c2a',
        ],
        [
          'external-secrets.io_externalsecrets.yaml',
          '5044be5a610ca90a075f34f03ed20b462695c43387ba9410db7f4250e47b1e2f',
        ],
        [
          'external-secrets.io_secretstores.yaml',
          '7f750858d393913915a2f15daff9e1d2f56ca207c09920c055d7a68cceacb641',
        ],
      ],
    },
  ],
  [
    'generators.external-secrets.io',
    {
      owner: 'External Secrets',
      chart: 'chart external-secrets',
      chartVersion: '2.9.0',
      address: raw('external-secrets/external-secrets', 'v2.9.0', 'config/crds/bases'),
      files: [
        [
          'generators.external-secrets.io_passwords.yaml',
          '72ef666dcd0e24b71a2a8fe122ed01c86203f7a3a323ea90dc77a604b6a263da',
        ],
      ],
    },
  ],
  [
    'monitoring.coreos.com',
    {
      owner: 'Prometheus operator',
      chart: 'chart prometheus-operator-crds',
      // The operator is 0.93.1.
      chartVersion: '31.0.1',
      address: raw('prometheus-operator/prometheus-operator', 'v0.93.1', 'example/prometheus-operator-crd'),
      files: [
        [
          'monitoring.coreos.com_podmonitors.yaml',
          'eef45bb50df838a85226eb6b03c0c7094c54d605776bdf2ec149f17fba8a1df0',
        ],
        [
          'monitoring.coreos.com_probes.yaml',
          '9e091f0f95a8ec4b4e7f69a60f5c189a0846db17f5d014e24ca7c39e04c30adb',
        ],
        [
          'monitoring.coreos.com_prometheusrules.yaml',
          '2d72928f7ceb99d153f2f91d2c2fd68d4b89c4914f2a09e15ac049b2f0316df3',
        ],
        [
          'monitoring.coreos.com_servicemonitors.yaml',
          '7dd4206947c94bc76f71daa07c45a1010a5d697c54fe079f8207b0e82026a26a',
        ],
      ],
    },
  ],
  [
    'argoproj.io',
    {
      owner: 'Argo CD',
      chart: 'chart argo-cd',
      // Argo CD is 3.4.4.
      chartVersion: '10.1.1',
      address: raw('argoproj/argo-cd', 'v3.4.4', 'manifests/crds'),
      files: [
        ['application-crd.yaml', 'fa8a0c7f8127f85bbbf57467e7c659ec7d47e7d162cc76c1b07482ebf2b98f49'],
        ['applicationset-crd.yaml', '51f69883c692698fbcf3c82455c07c0f6413899ac9d96565a9e8395c0196f58d'],
        ['appproject-crd.yaml', '7b99337686905b444864c84b1305938a7bfbca9b5f4e2c5d5d2de4acae16ceb3'],
      ],
    },
  ],
]);

/** Groups of some objects whose kinds must be installed in a cluster; a group that no release brings is named as it is. */
export const groupsToBring = (objects: readonly KubeObject[]): string[] =>
  [...new Set(objects.map(groupOf))]
    .filter((group) => group.includes('.') && !group.endsWith('.k8s.io'))
    .toSorted();

/** Releases whose chart has moved on without them. */
export const staleReleases = (): string[] =>
  [...RELEASES.values()]
    .filter(({ chart, chartVersion }) => !Object.hasOwn(VERSIONS[chart], chartVersion))
    .map(({ owner, chart, chartVersion }) => `${owner}: ${chart} is no longer ${chartVersion}`);

const CACHE = join(import.meta.dirname, '../../.cache/crds');

/**
 * Files with the definitions of the groups: from a folder where there is one, else from the cache or the project's repository.
 *
 * @throws AppError when a file is not the known one, or a group has no release
 */
export async function definitionFiles(groups: readonly string[], folder?: string): Promise<string[]> {
  const paths: string[] = [];
  for (const group of groups) {
    const release = RELEASES.get(group);
    if (!release)
      throw new AppError('unknown-group', `test/cluster/crds.ts knows no release that brings ${group}`);
    for (const [name, sha256] of release.files) paths.push(await fileOf(release, name, sha256, folder));
  }
  return paths;
}

async function fileOf(
  { owner, address }: Release,
  name: string,
  sha256: string,
  folder?: string,
): Promise<string> {
  const path = join(CACHE, `${sha256}-${name}`);
  if ((await sha256Of(path).catch(() => '')) === sha256) return path;
  const given = folder && join(folder, name);
  if (given && (await sha256Of(given).catch(() => '')) === sha256) {
    await mkdir(CACHE, { recursive: true });
    await copyFile(given, path);
    return path;
  }
  const remedy = `put ${basename(name)} into a folder and name it by --crds`;
  await download({ name, url: `${address}/${name}`, sha256, origin: { owner, remedy } }, path);
  return path;
}
