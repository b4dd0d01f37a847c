// The platform pages, in the order of their tabs.

export const TABS = [
  { name: 'overview', title: 'Overview', path: '/platform' },
  { name: 'windows', title: 'Windows', path: '/platform/windows' },
  { name: 'stores', title: 'Stores', path: '/platform/stores' },
  { name: 'orders', title: 'Orders', path: '/platform/orders' },
  { name: 'dead-letters', title: 'Dead letters', path: '/platform/dead-letters' },
  { name: 'reconciliations', title: 'Reconciliations', path: '/platform/reconciliations' },
  { name: 'faults', title: 'Faults', path: '/platform/faults' },
] as const;
