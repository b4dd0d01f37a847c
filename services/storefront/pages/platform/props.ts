// What each platform page shows. Types alone, as in ../props.ts.
import type { Totals } from '../../bff/console.ts';
import type { Frame, Page } from '../props.ts';
import type { TABS } from './tabs.ts';

export type PlatformTab = (typeof TABS)[number]['name'];

/** What every platform page knows of the visit. */
export interface PlatformFrame extends Frame {
  readonly tab: PlatformTab;
  /** May change something. */
  readonly isAdmin: boolean;
}

/** Whether a page shows what there is now; `title` and `words` are for people. */
export interface LiveState {
  readonly name: 'live' | 'away';
  readonly title: string;
  readonly words: string;
}

interface PlatformPageProps {
  readonly frame: PlatformFrame;
}

/** Totals, or why there are none now. */
export type Shown = Totals | LiveState;

export interface OverviewProps extends PlatformPageProps {
  readonly totals: Shown;
  /** Where the changes of its parts come from. */
  readonly streamUrl: string;
}

export interface TilesProps {
  readonly totals?: Totals | undefined;
  readonly locale: string;
}

/** Which windows are drawn: of the last minutes, without some labels. */
export interface WindowsQuery {
  readonly minutes: number;
  readonly without: readonly string[];
}

export interface WindowsProps extends PlatformPageProps {
  readonly totals: Shown;
  readonly query: WindowsQuery;
  readonly streamUrl: string;
}

export interface WindowsPartProps {
  readonly totals: Totals;
  readonly query: WindowsQuery;
  readonly locale: string;
}

/** Every platform page and every part that changes; `pages.tsx` has them. */
export interface PlatformPages {
  readonly platformOverview: Page<OverviewProps>;
  readonly platformTiles: Page<TilesProps>;
  readonly platformWindows: Page<WindowsProps>;
  /** The drawing, with the sum of each label. */
  readonly platformChart: Page<WindowsPartProps>;
  /** The same numbers as rows of a table. */
  readonly platformWindowRows: Page<WindowsPartProps>;
}
