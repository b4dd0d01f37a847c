// All platform pages, and the parts of them that change.
import { page, part } from '../render.tsx';
import { Chart } from './chart.tsx';
import { Overview } from './overview.tsx';
import type { PlatformPages } from './props.ts';
import { StoreView } from './store.tsx';
import { Tiles } from './tiles.tsx';
import { Windows, WindowTable } from './windows.tsx';

export const platformPages: PlatformPages = {
  platformOverview: page(Overview),
  platformTiles: part(Tiles),
  platformWindows: page(Windows),
  platformChart: part(Chart),
  platformWindowTable: part(WindowTable),
  platformStore: page(StoreView),
};
