// What fires while something is broken, and when it is quiet again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert, PrometheusRig } from './rig.ts';

const LOOK_MS = 250;
/** A busy machine is slow to break and to mend; a healthy one needs far less. */
const PATIENCE_MS = 90_000;

/**
 * A verdict about this machine: processes that share two cores with everything else answer late now and then, and a sixtieth of an hour
 * forgives less.
 */
const OF_THE_MACHINE = 'RequestsSlow';

/** As `DeadLetters cart`. */
const nameOf = ({ labels }: Alert): string => `${labels.alertname} ${labels.process}`;

async function firing(rig: PrometheusRig): Promise<string[]> {
  const alerts = (await rig.alerts()).filter(
    ({ state, labels }) =>
      // The watchdog and the alerts of a cluster's stand-ins are about no process.
      state === 'firing' && labels.process !== undefined && labels.alertname !== OF_THE_MACHINE,
  );
  return [...new Set(alerts.map(nameOf))].toSorted();
}

export interface Watch {
  /** All that have fired since, once these have. */
  until(wanted: readonly string[]): Promise<string[]>;
  /** All that have fired since, once none does. */
  untilQuiet(): Promise<string[]>;
}

/** Records every alert that fires from now on. */
export function watchAlerts(rig: PrometheusRig): Watch {
  const seen = new Set<string>();
  const look = async (isOver: (now: readonly string[]) => boolean): Promise<string[]> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const now = await firing(rig);
      for (const name of now) seen.add(name);
      if (isOver(now) || performance.now() > deadline) return [...seen].toSorted();
      await sleep(LOOK_MS);
    }
  };
  return {
    until: (wanted) => look(() => wanted.every((name) => seen.has(name))),
    untilQuiet: () => look((now) => now.length === 0),
  };
}
