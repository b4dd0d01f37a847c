// The images that we build: one for each process of the contract that runs in a container, and those of a laptop's cluster.
import { isService, PAGES_FOLDER } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { PROCESSES, platformConsole } from '#contracts/processes.ts';

/** A program of ours in an image. */
export interface ImageSource {
  /** Of the image, its context and its row in the lock. */
  readonly name: string;
  /** One line for the image's label. */
  readonly description: string;
  /** The cloud whose registry holds it; none for what only a laptop runs. */
  readonly registry: 'aws' | 'google' | 'laptop';
  /** What is beside the program: folders and files from the repository's root, by their name in the image. @default nothing */
  readonly beside?: Readonly<Record<string, string>>;
  /**
   * Folders beside the program that a program of ours makes, by their name in the image: it prints where the folder is, and `inputs.json`
   * there lists what went in. @default none
   */
  readonly made?: Readonly<Record<string, string>>;
  /** From the repository's root: it becomes `main.mjs`. */
  readonly entry: string;
  /** Packages with native parts, which stay outside of the bundle. @default none */
  readonly packages?: readonly string[];
  /** Its Dockerfile, from the repository's root, where the program is needed to build the image alone. @default the recipe of all */
  readonly recipe?: string;
}

/** The tables that every service has (runtime/postgres/migrate.ts). */
const SERVICE_MIGRATIONS = { 'service-migrations': 'runtime/postgres/service-migrations' };

function imageOfProcess(process: Process): ImageSource[] {
  const { name, runsOn } = process;
  switch (runsOn) {
    case 'eks':
      if (isService(process)) return [imageOfService(name)];
      return [name === platformConsole.name ? imageOfConsole(name) : imageOfPages(name)];
    case 'cloud-run-worker-pool':
      return [
        {
          name,
          description: `The ${name} worker of the shop`,
          registry: 'google',
          entry: `${name}/main.ts`,
          beside: { migrations: `${name}/migrations` },
        },
      ];
    case 'lambda':
      return [];
  }
}

const imageOfService = (name: string): ImageSource => ({
  name,
  description: `The ${name} service of the shop`,
  registry: 'aws',
  entry: `services/${name}/main.ts`,
  beside: { migrations: `services/${name}/migrations`, ...SERVICE_MIGRATIONS },
});

/** With finished pages, and so without what builds them. */
const imageOfPages = (name: string): ImageSource => ({
  name,
  description: 'The web pages of the shop',
  registry: 'aws',
  entry: `services/${name}/main.ts`,
  made: { [PAGES_FOLDER]: `services/${name}/build.ts` },
});

/** Without what changes anything: its entry imports none of that. */
const imageOfConsole = (name: string): ImageSource => ({
  name,
  description: 'Shows operators what the platform does',
  registry: 'aws',
  entry: `${name}/deployed.ts`,
});

/** Stand-ins for the clouds on a laptop (k8s/data/), by their folder in `local/`. */
const LAPTOP_IMAGES: readonly ImageSource[] = [
  laptopImage('databases', 'Gives each process its role and schema in a laptop’s Postgres'),
  laptopImage('firestore-jar', 'Fetches the Firestore emulator, verified', {
    entry: 'local/firestore/main.ts',
  }),
  laptopImage('flink', 'Apache Flink with its connectors, as npm start runs it', {
    entry: 'local/flink-jars/main.ts',
    beside: { 'jars.json': 'local/flink/jars.json' },
    recipe: 'k8s/images/flink.Dockerfile',
  }),
  laptopImage('flink-trigger', 'Has the images counted by the engine that is wanted', {
    beside: { 'image-bytes.sql': 'analytics/flink/image-bytes.sql' },
  }),
  laptopImage('gcs', 'Stands in for Cloud Storage on a laptop'),
  laptopImage('s3', 'Stands in for S3 and Lambda on a laptop, with the image function', {
    packages: ['sharp'],
  }),
  laptopImage('sample-products', 'Gives a laptop’s shop its first products', {
    entry: 'services/product/samples.ts',
    beside: { migrations: 'services/product/migrations', ...SERVICE_MIGRATIONS },
  }),
  laptopImage('secrets', 'Makes the secrets of a laptop’s cluster inside of it'),
  laptopImage('topics', 'Gives a laptop’s Kafka the topics of the contracts'),
];

function laptopImage(name: string, description: string, more: Partial<ImageSource> = {}): ImageSource {
  return { name, description, registry: 'laptop', entry: `local/${name}/main.ts`, ...more };
}

/** By name, in the order of the lock. */
export const IMAGE_SOURCES: readonly ImageSource[] = [
  ...PROCESSES.flatMap(imageOfProcess),
  ...LAPTOP_IMAGES,
].toSorted((one, other) => (one.name < other.name ? -1 : 1));
