// How our small servers on the JVM are started.

/** Arguments of a JVM that is to be ready soon: a heap of so many MiB, and the quick compiler alone, which halves a start. */
export const javaArguments = (heapMiB: number): string[] => [
  `-Xmx${heapMiB}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
];
