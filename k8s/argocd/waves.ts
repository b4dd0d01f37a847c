// In which order Applications are synced: those of a wave must be healthy before the next begins. They are deleted the other way round,
// each wave gone before the next goes (Argo CD, controller/sort_delete.go): the way in before the controller of load balancers, projects last.

export const WAVES = {
  /** An Application without its project can be neither synced nor deleted. */
  projects: -40,
  /** Namespaces, what they admit and how much. */
  ground: -30,
  /** Kinds that several parts use, before the parts that bring or use them. */
  kinds: -25,
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

/** As an annotation. */
export const waveOf = (wave: Wave): Readonly<Record<string, string>> => ({
  'argocd.argoproj.io/sync-wave': String(WAVES[wave]),
});
