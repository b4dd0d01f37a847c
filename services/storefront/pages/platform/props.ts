// What each platform page shows. Types alone, as in ../props.ts.

import type { StoreName, StoreQuery, StoreTable, Totals } from '../../bff/console.ts';
import type { Fault } from '../../bff/console-faults.ts';
import type { Journey, OrdersSeen } from '../../bff/console-orders.ts';
import type { DeadLetters, Processes, Reconciliation, Reconciliations } from '../../bff/platform-answers.ts';
import type { Frame, Page } from '../props.ts';
import type { TABS } from './tabs.ts';

export type PlatformTab = (typeof TABS)[number]['name'];

/** What every platform page knows of the visit. */
export interface PlatformFrame extends Frame {
  readonly tab: PlatformTab;
  /** May change something. */
  readonly isAdmin: boolean;
  /** Something can be broken here on purpose. */
  readonly hasFaults: boolean;
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
  /** Missing while the console is away. */
  readonly processes?: Processes | undefined;
  /** Where the changes of its parts come from. */
  readonly streamUrl: string;
  /** Whether photos can be dropped here. */
  readonly takesPhotos: boolean;
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

export interface PlatformOrdersProps extends PlatformPageProps {
  /** What was searched for; empty for the newest. */
  readonly id: string;
  readonly seen?: OrdersSeen;
  /** Why there are none now. */
  readonly away?: string;
}

export interface JourneyProps extends PlatformPageProps {
  readonly journey: Journey;
  readonly hasStatements: boolean;
  /** Page of the traces. */
  readonly tracesUrl?: string | undefined;
}

/** What can be broken and the numbers of now, each or why it is not known. */
export interface FaultsNow {
  readonly totals: Shown;
  readonly faults: readonly Fault[] | LiveState;
}

export interface FaultsProps extends PlatformPageProps, FaultsNow {
  readonly streamUrl: string;
}

export interface FaultProps {
  readonly fault: Fault;
  readonly locale: string;
}

export interface StoreProps extends PlatformPageProps {
  readonly stores: readonly StoreName[];
  /** Missing while the console is away. */
  readonly store?: StoreName | undefined;
  readonly query: StoreQuery;
  /** Missing while the store is away. */
  readonly table?: StoreTable | undefined;
  /** Why there is no table, in words. */
  readonly fault?: string | undefined;
}

export interface ProcessesPartProps {
  readonly processes: Processes;
  readonly locale: string;
}

export interface DeadLettersPartProps {
  /** Missing while they cannot be read. */
  readonly deadLetters?: DeadLetters | undefined;
  readonly locale: string;
  readonly isAdmin: boolean;
}

export interface DeadLettersProps extends PlatformPageProps {
  /** Or why they cannot be read now. */
  readonly shown: DeadLetters | LiveState;
  readonly streamUrl: string;
}

export interface ReconciliationsPartProps {
  readonly reconciliations?: readonly Reconciliation[] | undefined;
  readonly locale: string;
  readonly isAdmin: boolean;
}

export interface ReconciliationsProps extends PlatformPageProps {
  readonly shown: Reconciliations | LiveState;
  readonly streamUrl: string;
}

/** Every platform page and every part that changes; `pages.tsx` has them. */
export interface PlatformPages {
  readonly platformOrders: Page<PlatformOrdersProps>;
  readonly platformJourney: Page<JourneyProps>;
  readonly platformFaults: Page<FaultsProps>;
  /** The part of one fault that changes. */
  readonly platformFault: Page<FaultProps>;
  readonly platformOverview: Page<OverviewProps>;
  readonly platformTiles: Page<TilesProps>;
  readonly platformWindows: Page<WindowsProps>;
  /** The drawing, with the sum of each label. */
  readonly platformChart: Page<WindowsPartProps>;
  /** The same numbers as what is in a table. */
  readonly platformWindowTable: Page<WindowsPartProps>;
  readonly platformStore: Page<StoreProps>;
  readonly platformDiagram: Page<ProcessesPartProps>;
  /** How the processes are, as a sentence. */
  readonly platformWords: Page<ProcessesPartProps>;
  readonly platformFlows: Page<ProcessesPartProps>;
  readonly platformDeadLetters: Page<DeadLettersProps>;
  readonly platformLetters: Page<DeadLettersPartProps>;
  readonly platformReconciliations: Page<ReconciliationsProps>;
  readonly platformVerdicts: Page<ReconciliationsPartProps>;
}
