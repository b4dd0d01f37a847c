// What a start works with, for all that takes part in it.
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
  /** Whether nothing may be fetched. */
  readonly isOffline: boolean;
}
