// What fires while something is broken, and when it is quiet again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert, PrometheusRig } from './rig.ts';

const LOOK_MS = 250;
/** A busy machine is slow to break and to mend; nobody waits that long where all is well. */
const PATIENCE_MS = 90_000;

/**
 * Fires always by its nature, or is a verdict about this machine: processes that share two cores with everything else answer late now
 * and then, and a sixtieth of an hour forgives less.
 */
const APART = new Set(['Watchdog', 'RequestsSlow']);

/** As `DeadLetters cart`. */
const nameOf = ({ labels }: Alert): string => [labels.alertname, labels.process].filter(Boolean).join(' ');

async function firing(rig: PrometheusRig): Promise<string[]> {
  const alerts = (await rig.alerts()).filter(({ state }) => state === 'firing');
  const names = alerts.filter(({ labels }) => !APART.has(labels.alertname ?? '')).map(nameOf);
  return [...new Set(names)].toSorted();
}

export interface Watch {
  /** All that have fired since, once these have. */
  until(wanted: readonly string[]): Promise<string[]>;
  /** All that have fired since, once none does. */
  untilQuiet(): Promise<string[]>;
}

/** Takes down whatever fires from now on. */
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
