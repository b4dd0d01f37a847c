// Programs that are run from jars, each with the folder that names and locks them.
import { join } from 'node:path';

/** What `jars.json` of a folder holds, and what for. */
export interface JarSet {
  /** Of its folder under `local/`, and of its command: `npm run lock:<name>`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Group and artifact whose version is the program's own, up to where versions may stand in the name. */
  readonly main: string;
  /** The variable by which a person does without it. */
  readonly handOver?: string;
  readonly pomFile: string;
  readonly lockFile: string;
}

const jarSet = (set: Pick<JarSet, 'name' | 'title' | 'main' | 'handOver'>): JarSet => {
  const folder = join(import.meta.dirname, '..', set.name);
  return { ...set, pomFile: join(folder, 'pom.xml'), lockFile: join(folder, 'jars.json') };
};

export const KAFKA_JARS = jarSet({
  name: 'kafka',
  title: 'Apache Kafka',
  main: 'org.apache.kafka:kafka_',
  handOver: 'KAFKA_BROKERS a broker of yours',
});

export const FLINK_JARS = jarSet({
  name: 'flink',
  title: 'Apache Flink',
  main: 'org.apache.flink:flink-runtime:',
});

/** What the job brings to Dataproc, whose image has Flink itself. */
export const FLINK_CONNECTORS = jarSet({
  name: 'flink-connectors',
  title: 'the connectors of the Flink job',
  main: 'org.apache.flink:flink-connector-kafka:',
});

export const JAR_SETS: readonly JarSet[] = [KAFKA_JARS, FLINK_JARS, FLINK_CONNECTORS];
