// Every folder that an Application reads is built by kubectl's own kustomize, as ArgoCD builds it, and holds what was rendered. Where
// there is no kubectl, the end of the run says that it was not run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { tellReporter } from '../../test/runner/to-reporter.ts';
import { type LocalOverlay, readOverlays } from '../overlays.ts';
import type { KubeObject } from '../part.ts';
import { partsOf } from '../parts.ts';
import { applicationsOf } from './applications.ts';
import { bootstrapFiles } from './bootstrap.ts';
import { objectsOf } from './claims.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const { status, error } = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
const missing =
  status === 0 ? undefined : (error?.message ?? `kubectl version --client ended with ${status}`);

/** By overlay: the folders that its Applications name, with the part that was rendered there. */
const OVERLAYS = readOverlays().map((overlay) => {
  const [root, ...parts] = partsOf(overlay);
  const named = applicationsOf(parts).flatMap(({ metadata, spec }) => {
    const sources = 'sources' in spec ? spec.sources : [spec.source];
    const part = parts.find(({ node }) => node.id === metadata.name)!;
    return sources.flatMap((source) => ('path' in source ? [{ path: source.path, part }] : []));
  });
  return [overlay.name, [{ path: `k8s/overlays/${overlay.name}/root`, part: root! }, ...named]] as const;
});

it('the root that a laptop is given reads a folder that is rendered', () => {
  const overlay = readOverlays().find(({ kind }) => kind === 'local') as LocalOverlay;
  const [, path] = /^ {4}path: (.+)$/m.exec(bootstrapFiles(overlay).get('root.yaml')!) ?? [];
  expect(OVERLAYS.flatMap(([, folders]) => folders.map((one) => one.path))).toContain(path);
});

const namesOf = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata = {} }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`).toSorted();

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kustomize-')));
afterAll(() => rmSync(folder, { recursive: true }));

/** One kubectl for many folders: it names the one that it cannot build. */
function kustomize(resources: readonly string[]) {
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
  return spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

if (missing) {
  const line = `kubectl kustomize was NOT RUN over the folders of the Applications: ${missing}`;
  tellReporter({ isFailure: false, text: line });
  describe('kubectl kustomize', () => it.todo(line));
} else {
  describe('kubectl kustomize', () => {
    it.each(OVERLAYS)('builds every folder of %s, with all that was rendered there', (_name, folders) => {
      expect(folders.length).toBeGreaterThan(5);
      const { status, stdout, stderr } = kustomize(
        folders.map(({ path }) => relative(folder, join(REPOSITORY, path))),
      );
      expect([status, stderr]).toEqual([0, '']);
      const built = parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
      expect(namesOf(built)).toEqual(namesOf(folders.flatMap(({ part }) => objectsOf(part))));
    });
  });

  describe('negative control: kubectl kustomize refuses', () => {
    const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n';
    const nowhere = relative(folder, join(REPOSITORY, 'k8s/overlays/local/nowhere'));

    it.each([
      ['a folder that is not there', [nowhere], /nowhere/],
      ['a file that is not there', ['a.yaml', 'none.yaml'], /none\.yaml/],
      ['one object of two owners', ['a.yaml', 'b.yaml'], /already registered|may not add resource/],
    ])('%s', (_what, resources, reason) => {
      for (const name of ['a.yaml', 'b.yaml']) writeFileSync(join(folder, name), object);
      const { status, stderr } = kustomize(resources);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(reason);
    });
  });
}
