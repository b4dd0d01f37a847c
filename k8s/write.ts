// An overlay's parts in, files out: a folder for each part, a file for each object, and the kustomization that lists them. The same
// parts give the same bytes.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubeObject, Part } from './part.ts';

const HEADER =
  '# Written by `npm run synth` from k8s/. Do not edit: change the source, write again, commit both.\n';

/** A file by its path from the folder that it is written into. */
export type Files = ReadonlyMap<string, string>;

/** @throws TypeError when two objects of a part would be one file */
export function filesOf(overlay: string, parts: readonly Part[]): Files {
  const files = new Map<string, string>();
  for (const part of parts) {
    const folder = `${overlay}/${part.node.id}`;
    const names: string[] = [];
    const objects = part.toJson() as KubeObject[];
    // A chart and nothing besides: its Application reads no folder.
    if (objects.length === 0) continue;
    for (const object of objects) {
      const name = fileNameOf(object, part.props.namespace);
      if (names.includes(name)) throw new TypeError(`${folder}/${name} would hold two objects`);
      names.push(name);
      files.set(`${folder}/${name}`, yamlOf(object));
    }
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: names.toSorted(),
    };
    files.set(`${folder}/kustomization.yaml`, yamlOf(kustomization));
  }
  return files;
}

/** Objects outside of the part's namespace have theirs behind the name, since the name may occur in both. */
function fileNameOf({ kind, metadata = {} }: KubeObject, ofPart: string): string {
  const { name, namespace = ofPart } = metadata;
  const place = namespace === ofPart ? '' : `.${namespace}`;
  return `${kind.toLowerCase()}-${name!.replaceAll(/[^a-z0-9.-]/g, '-')}${place}.yaml`;
}

/** With a note on top that it is written. */
export const yamlOf = (object: object): string =>
  HEADER + stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries: false });

/** Replaces what a folder holds. */
export function writeFiles(folder: string, files: Files): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
