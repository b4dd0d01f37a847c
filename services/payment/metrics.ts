// What the payment service counts: commands by what came of them, calls of the provider, and payments that wait.
import { AppError } from '#runtime/errors.ts';
import { Counter, Gauge, Histogram, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { Command, Decision } from './domain.ts';
import type { PaymentProvider } from './provider.ts';

/** Counts and watches; `timed` is the provider with each call timed. */
export function createPaymentMetrics(registry: Registry, pool: Pool) {
  watchWaiting(registry, pool);
  return {
    countDecision: countDecisions(registry),
    timed: (provider: PaymentProvider) => timed(provider, registry),
  };
}

/** Counts commands; an answer is counted by its kind. */
function countDecisions(registry: Registry): (command: Command, decision: Decision) => void {
  const commands = new Counter({
    name: 'payment_commands_total',
    help: 'Commands by their outcome: accepted, repeated (the event was seen before), or why they were ignored or refused',
    labelNames: ['command', 'outcome'],
    registers: [registry],
  });
  return (command, decision) => {
    const name = command.kind === 'accept-answer' ? `accept-${command.answer.kind}` : command.kind;
    commands.inc({ command: name, outcome: decision.kind === 'happened' ? 'accepted' : decision.why });
  };
}

/** Payments whose outcome or refund is open; read from the database whenever the metrics are asked for. */
function watchWaiting(registry: Registry, pool: Pool): void {
  const count = new Gauge({
    name: 'payment_waiting',
    help: 'Payments with a step that is not done',
    labelNames: ['status'],
    registers: [registry],
  });
  const age = new Gauge({
    name: 'payment_waiting_oldest_seconds',
    help: 'Age of the oldest payment with a step that is not done',
    labelNames: ['status'],
    registers: [],
    collect: async () => {
      const { rows } = await pool.query<{ status: string; count: number; seconds: number }>(
        `SELECT s.status, count(p.payment_id)::int AS count,
           coalesce(extract(epoch FROM clock_timestamp() - min(p.updated_at)), 0)::float8 AS seconds
         FROM unnest(ARRAY['requested', 'charging', 'refunding']) AS s (status)
         LEFT JOIN payment p ON p.status = s.status AND p.next_step_at IS NOT NULL GROUP BY s.status`,
      );
      for (const { status, count: waiting, seconds } of rows) {
        count.set({ status }, waiting);
        age.set({ status }, seconds);
      }
    },
  });
  registry.registerMetric(age);
}

function timed(provider: PaymentProvider, registry: Registry): PaymentProvider {
  const time = stopwatch(registry, provider.name);
  return {
    name: provider.name,
    charge: (order) => time('charge', provider.charge(order), ({ kind }) => kind),
    lookup: (clue) => time('lookup', provider.lookup(clue), ({ kind }) => kind),
    read: (providerRef) => time('read', provider.read(providerRef), () => 'read'),
    refund: (order) => time('refund', provider.refund(order), ({ outcome }) => outcome),
    accepts: provider.accepts,
    listCharges: (since, cursor) => time('list', provider.listCharges(since, cursor), () => 'listed'),
  };
}

function stopwatch(registry: Registry, provider: string) {
  const seconds = new Histogram({
    name: 'payment_provider_call_seconds',
    help: 'Calls of the payment provider by their outcome; an error is named by its code',
    labelNames: ['provider', 'call', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return async <Result>(
    call: string,
    work: Promise<Result>,
    nameOf: (result: Result) => string,
  ): Promise<Result> => {
    const end = seconds.startTimer({ provider, call });
    try {
      const result = await work;
      end({ outcome: nameOf(result) });
      return result;
    } catch (error) {
      end({ outcome: error instanceof AppError ? error.code : 'unexpected' });
      throw error;
    }
  };
}
