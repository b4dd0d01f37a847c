// In which order Applications are synced: those of a wave must be healthy before the next begins.

export const WAVES = {
  /** Projects and namespaces. */
  ground: -30,
  /** Operators with the kinds that they bring. */
  operators: -20,
  /** Where secrets come from. */
  secrets: -10,
  /** Databases, brokers and stores that run in the cluster. */
  data: 0,
  services: 10,
  /** What watches: monitors, rules, dashboards. */
  watch: 20,
  load: 30,
} as const;

export type Wave = keyof typeof WAVES;
