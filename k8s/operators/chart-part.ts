// A part that is a chart of others, with our values inline; what is added to it besides is in its folder and comes with it.
import { Part, type PartProps } from '../part.ts';
import type { ChartName } from './charts.ts';

export interface ChartPartProps<Values extends object> extends PartProps {
  readonly chart: ChartName;
  /** Of the chart; write a type for what is set, so that a misspelt one does not compile. */
  readonly values: Values;
  /** Begins the names of what it makes. @default the part's id */
  readonly releaseName?: string;
  /** Whether the kinds that are in the chart's `crds/` come with it. @default true */
  readonly bringsKinds?: boolean;
  /** What the chart generates at each rendering, such as certificates: the first value stays. @default nothing */
  readonly madeOnce?: readonly MadeOnce[];
}

/** Fields of one object of a chart. */
export interface MadeOnce {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly jqPathExpressions: readonly string[];
}

/** `new ChartPart<KedaValues>(app, 'keda', { …, chart: 'keda', values: { … } })` */
export class ChartPart<Values extends object = object> extends Part<ChartPartProps<Values>> {}
