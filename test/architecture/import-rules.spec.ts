import { describe, expect, it } from '@jest/globals';
import { importFaults, packageFaults, providerFaults, singleDoorFaults } from './import-rules.ts';
import { parseSource } from './source-files.ts';

describe('negative control: the import table reports', () => {
  it.each([
    ['contracts/orders.ts', `import pino from 'pino';`],
    ['contracts/orders.ts', `import { readFile } from 'node:fs/promises';`],
    ['contracts/orders.ts', `import { createLogger } from '#runtime/log.ts';`],
    ['contracts/orders.ts', `import type { Logger } from '../runtime/log.ts';`],
    ['contracts/orders.ts', `const x = await import('pino');`],
    ['contracts/orders.ts', `export type Line = import('pino').Logger;`],
    ['contracts/orders.ts', `export { createLogger } from '#runtime/log.ts';`],
    ['runtime/http/server.ts', `import { placeOrder } from '../../services/order/domain.ts';`],
    ['runtime/http/server.ts', 'const x = await import(`./${name}.ts`);'],
    ['services/order/domain.ts', `import { randomUUID } from 'node:crypto';`],
    ['services/order/domain.ts', `import { z } from 'zod';`],
    ['services/order/domain.ts', `import { createPool } from '#runtime/postgres/database.ts';`],
    ['services/order/domain.ts', `import { OrderStore } from './store.ts';`],
    ['analytics/topology.ts', `import { readFile } from 'node:fs/promises';`],
    ['lambda/image-renditions/plan.ts', `import sharp from 'sharp';`],
    ['services/order/store.ts', `import pg from 'pg';`],
    ['services/order/store.ts', `import { routes } from './http.ts';`],
    ['services/order/http.ts', `import { OrderStore } from './store.ts';`],
    ['services/order/http.ts', `import fastify from 'fastify';`],
    ['services/order/main.ts', `import fastify from 'fastify';`],
    ['services/order/main.ts', `import { charge } from '../payment/domain.ts';`],
    ['services/order/pricing.ts', `import { charge } from '../payment/domain.ts';`],
    ['analytics/worker.ts', `import { plan } from '../lambda/image-renditions/plan.ts';`],
    ['analytics/worker.ts', `import { startPlatform } from '../local/launcher/start.ts';`],
    ['services/order/saga.spec.ts', `import { charge } from '../payment/domain.ts';`],
    ['stacks/main.ts', `import { createLogger } from '#runtime/log.ts';`],
    ['k8s/main.ts', `import { topology } from '../analytics/topology.ts';`],
    ['demo/checkout.ts', `import { feedLog } from '../local/start.ts';`],
    ['test/lag.ts', `import { x } from '../node_modules/kafkajs/src/consumer/runner.js';`],
    ['local/launcher/start.ts', `import { plan } from '../../lambda/image-renditions/plan.ts';`],
    ['lambda/image-renditions/plan.ts', `import { zipOf } from '../build-zip.ts';`],
    ['lambda/image-renditions/handler.ts', `import { zipOf } from '../build-zip.ts';`],
    ['lambda/image-renditions/build.ts', `import { planTopics } from '../kafka-topics/plan.ts';`],
  ])('in %s: %s', (path, text) => {
    expect(importFaults(parseSource(path, text))).toHaveLength(1);
  });

  it.each([
    ['contracts/orders.ts', `import { z } from 'zod'; import { Event } from './envelope.ts';`],
    ['services/order/domain.ts', `import type { OrderPlaced } from '#contracts/orders.ts';`],
    [
      'services/order/store.ts',
      `import type { Order } from './domain.ts'; import '#runtime/postgres/database.ts';`,
    ],
    ['services/order/main.ts', `import './http.ts'; import '#runtime/lifecycle.ts';`],
    ['local/launcher/start.ts', `import { handler } from '../../lambda/image-renditions/handler.ts';`],
    ['lambda/image-renditions/build.ts', `import { zipOf } from '../build-zip.ts';`],
    ['test/e2e/shop.e2e.spec.ts', `import { plan } from '../../lambda/image-renditions/plan.ts';`],
  ])('and not in %s: %s', (path, text) => {
    expect(importFaults(parseSource(path, text))).toEqual([]);
  });
});

describe('negative control: the package rule reports', () => {
  const declared = {
    dependencies: { pino: '1.0.0' },
    devDependencies: { esbuild: '1.0.0', '@types/pg': '1.0.0', '@types/k6': '1.0.0' },
  };

  it.each([
    ['runtime/a.ts', `import sonic from 'sonic-boom';`, 'is not in package.json'],
    [
      'runtime/a.ts',
      `import x from '@scope/name/deep/file.js';`,
      '@scope/name, which is not in package.json',
    ],
    ['analytics/a.ts', `import { build } from 'esbuild';`, 'devDependency'],
    ['test/a.ts', `import sonic from 'sonic-boom';`, 'is not in package.json'],
    ['k8s/load/parts.ts', `import http from 'k6/http';`, 'is not in package.json'],
  ])('in %s: %s', (path, text, fault) => {
    expect(packageFaults(parseSource(path, text), declared)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    ['runtime/a.ts', `import pino from 'pino/file.js'; import 'node:fs'; import './b.ts';`],
    ['runtime/a.ts', `import type { Pool } from 'pg';`],
    ['lambda/image-renditions/build.ts', `import { build } from 'esbuild';`],
    ['analytics/a.spec.ts', `import { build } from 'esbuild';`],
    ['k8s/load/k6/script.ts', `import http from 'k6/http';`],
  ])('and not in %s: %s', (path, text) => {
    expect(packageFaults(parseSource(path, text), declared)).toEqual([]);
  });
});

describe('negative control: the one door to kafkajs', () => {
  it.each([
    'analytics/worker.ts',
    'analytics/reconcile/log-reader.ts',
    'runtime/service.ts',
    'runtime/outbox/relay.int.spec.ts',
    'local/kafka/kafka.ts',
    'services/order/main.ts',
    'test/checkout/poison.fault.spec.ts',
  ])('is not %s', (path) => {
    expect(singleDoorFaults(parseSource(path, `import { Kafka } from 'kafkajs';`))).toHaveLength(1);
    expect(singleDoorFaults(parseSource(path, `import 'kafkajs/src/errors.js';`))).toHaveLength(1);
  });

  it.each(['runtime/kafka/client.ts', 'runtime/kafka/client.int.spec.ts'])('may be %s', (path) => {
    expect(singleDoorFaults(parseSource(path, `import { Kafka } from 'kafkajs';`))).toEqual([]);
  });
});

describe('negative control: imports of providers', () => {
  it.each([
    '@cdktf/provider-aws',
    '@cdktf/provider-aws/lib/index.js',
    '@cdktf/provider-google-beta/lib/provider',
    '@cdktf/provider-aws/lib/vpc/deeper/index.js',
  ])('report %s', (name) => {
    expect(providerFaults(parseSource('stacks/a.ts', `import { X } from '${name}';`))).toHaveLength(1);
  });

  it.each([
    '@cdktf/provider-aws/lib/vpc/index.js',
    '@cdktf/provider-google-beta/lib/provider/index.js',
    'cdktf',
  ])('pass %s', (name) => {
    expect(providerFaults(parseSource('stacks/a.ts', `import { X } from '${name}';`))).toEqual([]);
  });
});
