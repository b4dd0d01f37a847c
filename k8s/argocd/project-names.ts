// The ArgoCD projects, and what each is for.

/** `ground` has the namespaces and what they admit; the others have namespaces of their own. */
export const DESCRIPTIONS = {
  ground: 'Namespaces, what they admit and how much',
  operators: 'Operators and the kinds that they bring',
  data: 'What stands in for the clouds',
  shop: 'The services of the shop',
  observability: 'Metrics, logs, traces, dashboards, alerts',
  load: 'The scheduled load',
} as const;

export type ProjectName = keyof typeof DESCRIPTIONS;
