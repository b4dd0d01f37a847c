import { describe, expect, it } from '@jest/globals';
import { groupOf, type KubeObject, OVERLAYS_FOLDER, overlaysIn, readContent } from '../k8s/content.ts';
import { definitionFiles, groupsToBring, RELEASES, staleReleases } from './crds.ts';

describe('definitions of the operators’ kinds', () => {
  it('are those of the charts that ArgoCD installs', () => {
    expect(staleReleases()).toEqual([]);
  });

  const objects = overlaysIn(OVERLAYS_FOLDER).flatMap((name) =>
    readContent(OVERLAYS_FOLDER, name).placed.map(({ object }) => object),
  );
  const custom = objects.filter((object) => groupsToBring([object]).length > 0);
  const isBrought = (object: KubeObject): boolean =>
    RELEASES.get(groupOf(object))?.files.some(([name]) => name.includes(object.kind.toLowerCase())) ?? false;

  it('are known for each kind that an overlay uses', () => {
    expect(custom.filter((object) => !isBrought(object)).map(({ kind }) => kind)).toEqual([]);
    expect(custom).not.toEqual([]);
  });

  it('negative control: a kind of a known group that no file defines is found', () => {
    expect(isBrought({ ...custom[0]!, kind: 'Nothing' })).toBe(false);
    expect(isBrought({ ...custom[0]!, apiVersion: 'example.org/v1' })).toBe(false);
  });

  it('negative control: a group that no release brings is named', async () => {
    await expect(definitionFiles(['example.org'])).rejects.toThrow(/no release that brings example.org/);
  });

  it('are asked for by the kinds in use, Kubernetes’ own left out', () => {
    const object = (apiVersion: string) => ({ apiVersion, kind: 'X', metadata: { name: 'x' } });
    const versions = ['v1', 'apps/v1', 'networking.k8s.io/v1', 'keda.sh/v1alpha1', 'keda.sh/v1alpha1'];
    expect(groupsToBring(versions.map(object))).toEqual(['keda.sh']);
  });

  it('have a checksum each', () => {
    for (const { files } of RELEASES.values())
      for (const [name, sha256] of files) {
        expect(name).toMatch(/\.yaml$/);
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
  });
});
