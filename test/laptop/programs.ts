// The programs of a laptop's cluster, each from the image that is built for it, with the environment that its manifest gives it: run
// here as plain processes, with the addresses of the cluster led to this machine.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { App } from 'cdk8s';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { dataParts } from '../../k8s/data/parts.ts';
import { stopBundler } from '../../k8s/images/bundle.ts';
import { IMAGE_SOURCES } from '../../k8s/images/catalogue.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import { type ModuleProcess, watchChild } from '../child-process.ts';
import { keptContext } from '../kept-image.ts';

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: { readonly spec: IPodSpec };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: IPodSpec } } };
  };
}

/** Every object of this room in the overlay of a laptop. */
export function laptopObjects(): Rendered[] {
  const overlay = readOverlays().find(({ kind }) => kind === 'local')!;
  return dataParts(new App(), overlay).flatMap((part) => part.toJson() as Rendered[]);
}

/** A container by its name; there is one of each. */
export function containerNamed(name: string): IContainer {
  const containers = laptopObjects().flatMap(({ spec }) => {
    const pod = (spec?.template ?? spec?.jobTemplate?.spec.template)?.spec;
    return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
  });
  const found = containers.filter((container) => container.name === name);
  if (found.length !== 1) throw new Error(`${found.length} containers are called ${name}`);
  return found[0]!;
}

/** The environment of a container, with what is different here: in values, text by text; or a whole variable. */
export function environmentOf(
  name: string,
  here: { readonly texts?: Readonly<Record<string, string>>; readonly variables?: Record<string, string> },
): Record<string, string> {
  const given = containerNamed(name).env ?? [];
  const unknown = Object.keys(here.variables ?? {}).filter(
    (variable) => !given.some((one) => one.name === variable),
  );
  if (unknown.length > 0) throw new Error(`the manifest of ${name} gives it no ${unknown.join(', ')}`);
  const moved = given.map(({ name: variable, value = '' }) => {
    const valueHere = Object.entries(here.texts ?? {}).reduce(
      (text, [before, after]) => text.replaceAll(before, after),
      value,
    );
    return [variable, valueHere] as const;
  });
  return { ...Object.fromEntries(moved), ...here.variables };
}

/** The program of an image. */
export async function programOf(image: string): Promise<string> {
  const source = IMAGE_SOURCES.find(({ name }) => name === image);
  if (!source) throw new Error(`there is no image ${image}`);
  return join(await keptContext(source), 'app/main.mjs');
}

/** For `afterAll`: the bundler would keep the run alive. */
export const stopBuilding = stopBundler;

/** Started with this environment and nothing else, as a container is. */
export async function start(image: string, env: Readonly<Record<string, string>>): Promise<ModuleProcess> {
  const child = spawn(process.execPath, [await programOf(image)], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchChild(child, image);
}

/** Runs it to its end. */
export async function run(image: string, env: Readonly<Record<string, string>>) {
  const running = await start(image, env);
  return { end: await running.ended, output: running.output() };
}
