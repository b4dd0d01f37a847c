// An alert that always fires: when it stays away, alerts do not arrive.
import type { Alert } from './alert.ts';

export const watchdog: Alert = {
  name: 'Watchdog',
  severity: 'none',
  for: '0m',
  promql: 'vector(1)',
  summary: 'Alerts arrive',
  description: 'This one fires at all times. It is for a receiver that calls somebody when it stays away.',
  page: 'watchdog',
  sources: [],
};
