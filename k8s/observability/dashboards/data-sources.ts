// How Grafana knows where it asks: the `uid` that its provisioning gives each (see ../README.md).

export const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' } as const;
export const LOKI = { type: 'loki', uid: 'loki' } as const;
export const TEMPO = { type: 'tempo', uid: 'tempo' } as const;
