// What the project's own builds hand to the stacks. Handed in, so that snapshots do not change with every line of the programs.

/** A Lambda's zip. */
export interface LambdaArtifact {
  /** Absolute. */
  readonly zipPath: string;
  /** As Lambda's `source_code_hash` wants it. */
  readonly sha256Base64: string;
}

/** A file that a Dataproc job is made of, under the name it has in `analytics/flink/`. */
export interface FlinkFile {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of the content, hexadecimal: the staged object's name begins with it. */
  readonly sha256: string;
}

export interface Artifacts {
  readonly imageRenditions: LambdaArtifact;
  readonly kafkaTopics: LambdaArtifact;
  readonly databaseRoles: LambdaArtifact;
  /** Tag of the analytics worker's image: a hash of everything that is in it. The registry never moves a tag. */
  readonly analyticsImageTag: string;
  /** Empty while there is no Flink job: the stacks then make none. */
  readonly flinkJob: readonly FlinkFile[];
}
