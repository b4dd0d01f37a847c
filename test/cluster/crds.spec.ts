import { describe, expect, it } from '@jest/globals';
import { OVERLAYS_FOLDER, overlaysIn, readContent } from '../k8s/content.ts';
import { definitionFiles, groupsToBring, RELEASES, staleReleases } from './crds.ts';

describe('definitions of the operators’ kinds', () => {
  it('are those of the charts that ArgoCD installs', () => {
    expect(staleReleases()).toEqual([]);
  });

  it('are known for each group that an overlay uses', () => {
    const objects = overlaysIn(OVERLAYS_FOLDER).flatMap((name) =>
      readContent(OVERLAYS_FOLDER, name).placed.map(({ object }) => object),
    );
    expect(groupsToBring(objects).filter((group) => !RELEASES.has(group))).toEqual([]);
    expect(groupsToBring(objects)).not.toEqual([]);
  });

  it('negative control: a group that nobody brings is named', async () => {
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
