// What a start works with, for all that takes part in it.
import type { Engine } from '../flink/engine.ts';
import type { Screen } from './screen.ts';
import type { LauncherConfig } from './settings.ts';
import type { Shutdown } from './shutdown.ts';

/** What a start works with. */
export interface PlatformOptions {
  /** Data, logs and the environment file. */
  readonly folder: string;
  readonly config: LauncherConfig;
  readonly screen: Screen;
  readonly shutdown: Shutdown;
  /** Whether the shop's services run too, or the image pipeline alone. */
  readonly hasShop: boolean;
  /** Who counts the bytes of images. */
  readonly engine: Engine;
  /** Whether nothing may be fetched. */
  readonly isOffline: boolean;
}
