// All platform pages, and the parts of them that change.
import { page, part } from '../render.tsx';
import { Chart } from './chart.tsx';
import { DeadLettersView, Letters } from './dead-letters.tsx';
import { Diagram, Flows, ProcessesWords } from './diagram.tsx';
import { FaultNow, Faults } from './faults.tsx';
import { JourneyView, Orders } from './journeys.tsx';
import { Overview } from './overview.tsx';
import type { PlatformPages } from './props.ts';
import { ReconciliationsView, Verdicts } from './reconciliations.tsx';
import { StoreView } from './store.tsx';
import { Tiles } from './tiles.tsx';
import { Windows, WindowTable } from './windows.tsx';

export const platformPages: PlatformPages = {
  platformOrders: page(Orders),
  platformJourney: page(JourneyView),
  platformFaults: page(Faults),
  platformFault: part(FaultNow),
  platformOverview: page(Overview),
  platformTiles: part(Tiles),
  platformWindows: page(Windows),
  platformChart: part(Chart),
  platformWindowTable: part(WindowTable),
  platformStore: page(StoreView),
  platformDiagram: part(Diagram),
  platformWords: part(ProcessesWords),
  platformFlows: part(Flows),
  platformDeadLetters: page(DeadLettersView),
  platformLetters: part(Letters),
  platformReconciliations: page(ReconciliationsView),
  platformVerdicts: part(Verdicts),
};
