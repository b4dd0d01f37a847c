// When an alert must fire and when it must not, as series over time in promtool's notation: https://prometheus.io/docs/prometheus/latest/
// configuration/unit_testing_rules/ (`0+60x20`: 0, and twenty times 60 more, a minute apart; `_`: nothing).

/** Values by series. */
export type SeriesOverTime = Readonly<Record<string, string>>;
export type Labels = Readonly<Record<string, string>>;

export interface Case {
  /** Of the series, as a rule: `the database is away`. */
  readonly when: string;
  readonly series: SeriesOverTime;
  /** Minutes after the beginning. */
  readonly atM: number;
  /** Of each alert of this name that fires then, without its severity. Empty: it is silent. */
  readonly fires: readonly Labels[];
}

export interface Proof {
  readonly alert: string;
  readonly cases: readonly Case[];
}

export const fires = (when: string, atM: number, series: SeriesOverTime, ...labels: Labels[]): Case => ({
  when,
  atM,
  series,
  fires: labels,
});
export const silent = (when: string, atM: number, series: SeriesOverTime): Case => ({
  when,
  atM,
  series,
  fires: [],
});

/** A value that does not change, for this many minutes. */
export const still = (value: number, minutes = 60): string => `${value}+0x${minutes}`;
/** From zero, with this growth each minute. */
export const growing = (perMinute: number, minutes = 60): string => `0+${perMinute}x${minutes}`;
