// What operators watch of the saga: how orders move and end, what is ignored and why, and what should never have come.
import { Counter, Histogram, type Registry } from '#runtime/metrics.ts';
import type { Command, Decision, Order } from './domain.ts';

/** Counts decisions; a paid order that is cancelled already shows as ignored `paymentSucceeded`, why `late`. */
export function createSagaMetrics(registry: Registry) {
  const registers = [registry];
  const transitions = new Counter({
    name: 'order_transitions_total',
    help: 'Transitions of orders by what they became, and why if cancelled',
    labelNames: ['status', 'reason'],
    registers,
  });
  const ignored = new Counter({
    name: 'order_commands_ignored_total',
    help: 'Commands without effect: duplicates, and answers that came when the order had moved on',
    labelNames: ['command', 'why'],
    registers,
  });
  const impossible = new Counter({
    name: 'order_commands_impossible_total',
    help: 'Attempts at commands that can never be while every service keeps its promises',
    labelNames: ['command', 'why'],
    registers,
  });
  const duration = new Histogram({
    name: 'order_saga_duration_seconds',
    help: 'From placed to confirmed or cancelled',
    labelNames: ['status'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1_800],
    registers,
  });
  ignored.inc({ command: 'paymentSucceeded', why: 'late' }, 0);
  return (command: Command['type'], decision: Decision, order: Order | undefined): void => {
    if (decision.kind === 'ignored') return ignored.inc({ command, why: decision.why });
    if (decision.kind === 'impossible') return impossible.inc({ command, why: decision.why });
    const [first, last] = [order?.history[0], order?.history.at(-1)];
    if (!first || !last) return undefined;
    transitions.inc({ status: last.status, reason: last.reason ?? '' });
    if (last.status !== 'confirmed' && last.status !== 'cancelled') return undefined;
    duration.observe(
      { status: last.status },
      Math.max(0, Date.parse(last.at) - Date.parse(first.at)) / 1_000,
    );
  };
}
