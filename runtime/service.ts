// A service of the shop from its definition: settings, database, HTTP, consumers, relay and jobs, in that order, and back in the
// reverse one. All services are started here, so that all have the same manners.
import { z } from 'zod';
import { type Process, schemaOf } from '#contracts/process.ts';
import { DRAIN_SECONDS_MAX, LAME_DUCK_SECONDS_MAX } from '#contracts/shutdown.ts';
import { loadConfig, wholeNumber } from './config.ts';
import { apiConfig, type Route, registerRoutes } from './http/api.ts';
import { isLoopback, knownHosts } from './http/hosts.ts';
import { createHttp } from './http/server.ts';
import { type Job, startJobs } from './jobs.ts';
import { createKafka, type KafkaClient, kafkaConfig } from './kafka/client.ts';
import { consumeTopics, type RunningConsumer } from './kafka/consumer.ts';
import type { Subscription } from './kafka/subscription.ts';
import { createLifecycle, type Lifecycle, runMain } from './lifecycle.ts';
import { createLogger, type Logger, logConfig } from './log.ts';
import { createRegistry, type Registry } from './metrics.ts';
import { startRelay } from './outbox/relay.ts';
import { createPool, databaseOf, type Pool, postgresConfig } from './postgres/database.ts';
import { exclusiveRunner } from './postgres/leadership.ts';
import { migrateService } from './postgres/migrate.ts';
import { isOutage } from './postgres/outage.ts';
import { startTelemetry, telemetryConfig } from './telemetry.ts';

/** Settings that every service has. */
export const serviceConfig = {
  ...logConfig,
  ...kafkaConfig,
  ...postgresConfig,
  ...apiConfig,
  ...telemetryConfig,
  SESSION_TIMEOUT_MS: wholeNumber(6_000)
    .default(30_000)
    .describe('how long a silent replica keeps its partitions, in ms'),
  DRAIN_MS_MAX: wholeNumber(0)
    .default(DRAIN_SECONDS_MAX * 1_000)
    .describe('longest wait for work in progress when the process is to stop, in ms'),
  LAME_DUCK_MS_MAX: wholeNumber(0)
    .default(LAME_DUCK_SECONDS_MAX * 1_000)
    .describe('longest that requests are still answered when the process is to stop, in ms'),
};
export type ServiceConfig = z.infer<z.ZodObject<typeof serviceConfig>>;

/** What a service is built from. */
export interface ServiceParts<Config> {
  readonly config: Config;
  readonly log: Logger;
  readonly registry: Registry;
  readonly pool: Pool;
  readonly kafka: KafkaClient;
  /** Of its tables; the pool's connections look there first. */
  readonly schema: string;
}

/** What a service does. */
export interface ServiceWork {
  readonly routes: readonly Route[];
  /** @default none */
  readonly consumers?: readonly Subscription[];
  /** @default none */
  readonly jobs?: readonly Job[];
  /** Waits for work in progress once nothing new comes in; its events are still published. @default nothing to wait for */
  readonly stop?: () => Promise<void>;
}

export interface ServiceDefinition<Shape extends typeof serviceConfig> {
  readonly process: Process;
  readonly config: Shape;
  /** Absolute folder of the SQL files. */
  readonly migrations: string;
  readonly build: (parts: ServiceParts<z.infer<z.ZodObject<Shape>>>) => ServiceWork | Promise<ServiceWork>;
}

/** Runs a service until it receives a signal to stop. A faulty setting ends it at once, with every fault in one message. */
export function runService<Shape extends typeof serviceConfig>(definition: ServiceDefinition<Shape>): void {
  runMain(async () => {
    const { process: described } = definition;
    const schema = schemaOf(described);
    const config = loadConfig<Shape>(definition.config);
    const common = config as unknown as ServiceConfig;
    const log = createLogger(described.name, common.LOG_LEVEL);
    const lifecycle = createLifecycle(log, common.DRAIN_MS_MAX);
    const registry = createRegistry(described.name);
    lifecycle.onStop('telemetry', startTelemetry(described.name, common.OTEL_EXPORTER_OTLP_ENDPOINT));
    const pool = createPool({
      ...databaseOf(common),
      applicationName: described.name,
      schema,
      log,
    });
    lifecycle.onStop('postgres', () => pool.end());
    await migrateService(pool, schema, definition.migrations, log);
    const kafka = createKafka(common, described.name, log);
    const parts = { config, log, registry, pool, kafka, schema };
    const work = await definition.build(parts);
    await serve(definition, parts, work, lifecycle);
  });
}

async function serve<Shape extends typeof serviceConfig>(
  definition: ServiceDefinition<Shape>,
  parts: ServiceParts<unknown>,
  work: ServiceWork,
  lifecycle: Lifecycle,
): Promise<void> {
  const { process: described } = definition;
  const { log, registry, pool, kafka, schema } = parts;
  const common = parts.config as ServiceConfig;
  const relay = await startRelay({ pool, schema, client: kafka, log, registry });
  lifecycle.onStop('relay', () => relay.stop());
  lifecycle.onStop('work in progress', () => work.stop?.());
  const running: { consumer?: RunningConsumer } = {};
  await listen(definition, parts, work.routes, lifecycle, running);
  const consumer = await consumeTopics({
    client: kafka,
    group: described.name,
    // Until version 0.1 a service had a group for each topic.
    formerGroup: (topic) => `${described.name}-${topic}`,
    subscriptions: work.consumers ?? [],
    // A database that is away is no fault of the event.
    isOutage,
    log,
    registry,
    sessionTimeoutMs: common.SESSION_TIMEOUT_MS,
  });
  lifecycle.onStop('consumer', () => consumer.stop());
  running.consumer = consumer;
  lifecycle.onStop('jobs', startJobs(work.jobs ?? [], { ...parts, runExclusively: exclusiveRunner(pool) }));
  log.info({ port: common.PORT ?? described.port }, 'ready');
}

/** Endpoints on the service's port; metrics there too, or on another port. */
async function listen<Shape extends typeof serviceConfig>(
  { process: described }: ServiceDefinition<Shape>,
  { config, log, registry, pool, schema }: ServiceParts<unknown>,
  routes: readonly Route[],
  lifecycle: Lifecycle,
  running: { readonly consumer?: RunningConsumer },
): Promise<void> {
  const common = config as ServiceConfig;
  const opsPort = opsPortOf(common, described);
  const manners = {
    log,
    registry,
    isStopping: lifecycle.isStopping,
    lameDuckMsMax: common.LAME_DUCK_MS_MAX,
    hosts: isLoopback(common.HOST) ? knownHosts(common.ALLOWED_HOSTS) : undefined,
    readiness: {
      postgres: async () => (await pool.query('SELECT 1')).rowCount === 1,
      consumer: () => running.consumer !== undefined,
    },
    troubles: { consumer: () => running.consumer?.trouble() },
  };
  const http = createHttp({
    ...manners,
    trustedProxies: common.TRUSTED_PROXIES ?? [],
    hasMetrics: opsPort === undefined,
  });
  await registerRoutes(http, routes, { config: common, pool, schema, registry, title: described.name });
  lifecycle.onStop('http', () => http.close());
  await http.listen({ host: common.HOST, port: common.PORT ?? described.port ?? 0 });
  if (opsPort !== undefined) {
    const ops = createHttp(manners);
    lifecycle.onStop('operations', () => ops.close());
    await ops.listen({ host: common.HOST, port: opsPort });
  }
}

/** Metrics show customers and load: where strangers reach the service they have a port of their own. */
const opsPortOf = ({ HOST, OPS_PORT }: ServiceConfig, { opsPort }: Process): number | undefined =>
  OPS_PORT ?? (isLoopback(HOST) ? undefined : opsPort);
