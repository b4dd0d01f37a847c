// All platform pages, and the parts of them that change.
import { page, part } from '../render.tsx';
import { Chart } from './chart.tsx';
import { FaultNow, Faults } from './faults.tsx';
import { JourneyView, Orders } from './journeys.tsx';
import { Overview } from './overview.tsx';
import type { PlatformPages } from './props.ts';
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
};
