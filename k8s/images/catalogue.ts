// The images that we build: one for each process of the contract that runs in a container, and those of a laptop's cluster.
import type { Process } from '#contracts/process.ts';
import { PROCESSES } from '#contracts/processes.ts';

interface Image {
  /** Of the image, its context and its row in the lock. */
  readonly name: string;
  /** One line for the image's label. */
  readonly description: string;
  /** Who holds it where it is deployed: the registry of that cloud; nobody for what only a laptop runs. */
  readonly registry: 'aws' | 'google' | 'laptop';
  /** What lies beside the program: folders from the repository's root, by their name in the image. @default none */
  readonly folders?: Readonly<Record<string, string>>;
}

/** A program of ours, by the recipe of all. */
export interface ProgramImage extends Image {
  /** From the repository's root: it becomes `main.mjs`. */
  readonly entry: string;
  /** Packages with native parts, which stay outside of the bundle. @default none */
  readonly packages?: readonly string[];
}

/** What is no program of ours and has no image that others make: a Dockerfile of its own, from the repository's root. */
export interface OtherImage extends Image {
  readonly recipe: string;
}

export type ImageSource = ProgramImage | OtherImage;

/** The tables that every service has (runtime/migrate.ts). */
const SERVICE_MIGRATIONS = { 'service-migrations': 'runtime/service-migrations' };

function imageOfProcess({ name, runsOn }: Process): ImageSource[] {
  switch (runsOn) {
    case 'eks':
      return [
        {
          name,
          description: `The ${name} service of the shop`,
          registry: 'aws',
          entry: `services/${name}/main.ts`,
          folders: { migrations: `services/${name}/migrations`, ...SERVICE_MIGRATIONS },
        },
      ];
    case 'cloud-run-worker-pool':
      return [
        {
          name,
          description: `The ${name} worker of the shop`,
          registry: 'google',
          entry: `${name}/main.ts`,
          folders: { migrations: `${name}/migrations` },
        },
      ];
    case 'lambda':
      return [];
  }
}

/** What stands in for the clouds on a laptop; the owner of `k8s/data/` adds the rows. */
const LAPTOP_IMAGES: readonly ImageSource[] = [];

/** By name, in the order of the lock. */
export const IMAGE_SOURCES: readonly ImageSource[] = [
  ...PROCESSES.flatMap(imageOfProcess),
  ...LAPTOP_IMAGES,
].toSorted((one, other) => (one.name < other.name ? -1 : 1));
