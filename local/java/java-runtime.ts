// What the ways to fetch a Java runtime have in common.
import type { Progress } from '../server/server.ts';

/** A runtime that can be fetched for this machine. */
export interface JavaRuntime {
  /** For people: `Eclipse Temurin 25.0.4+7`. */
  readonly name: string;
  /** Its folder in the cache: another version gets another one. */
  readonly folderName: string;
  /** The program, from that folder on. */
  readonly program: string;
  /** Fills the folder with the verified runtime. @throws AppError of `download`, the same codes */
  readonly fetch: (folder: string, progress: Progress) => Promise<void>;
}

/** How every sentence about a runtime that did not come ends. */
export const JAVA_REMEDY = 'TEMURIN_MIRROR names another server, JAVA_HOME a Java 17 or later of yours';
