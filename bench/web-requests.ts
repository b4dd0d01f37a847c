// How many product pages a second the storefront draws, against a bare BFF: a Fastify that makes the same calls to the services and
// sends their answers as JSON, with nothing checked, drawn, limited, traced or compressed. Both in this process, in turns.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fastify, { type FastifyInstance } from 'fastify';
import { loadConfig } from '#runtime/config.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createApp } from '../services/storefront/app.ts';
import { buildPages } from '../services/storefront/build.ts';
import { storefrontConfig } from '../services/storefront/config.ts';
import { type Load, type LoadResult, startAsking } from './service-load.ts';
import { median, round } from './statistics.ts';

export interface Rounds {
  readonly rounds: number;
  readonly ms: number;
  readonly connections: number;
}

/** What the services answer, by path. */
export type ServiceAnswers = Readonly<Record<string, string>>;

export const PRODUCT_ID = 'olive-tea-tin';
export const SERVICE_PATHS = ['/categories?limit=100', `/products/${PRODUCT_ID}`] as const;
const PATH = `/products/${PRODUCT_ID}`;
/** As browsers ask. */
const BROWSER = {
  accept: 'text/html',
  'accept-language': 'en-GB,en;q=0.9',
  'accept-encoding': 'gzip, deflate, br',
};

export interface PageRate {
  readonly ratio: number;
  readonly pagesPerS: number;
  readonly barePerS: number;
  readonly p99Ms: number;
  readonly bareP99Ms: number;
  /** Of the server's thread, for one request: other programs on the machine do not change it. */
  readonly cpuMs: number;
  readonly bareCpuMs: number;
}

interface Measured extends LoadResult {
  readonly cpuMs: number;
}

export async function measurePages(answers: ServiceAnswers, settings: Rounds): Promise<PageRate> {
  const services = new Worker(join(import.meta.dirname, 'web-services.ts'), { workerData: answers });
  const asking = startAsking();
  const apps: FastifyInstance[] = [];
  try {
    const servicesUrl = await new Promise<string>((done) => services.once('message', done));
    apps.push(await storefrontOver(servicesUrl), bareOver(servicesUrl));
    const [pages, bare] = (await Promise.all(apps.map(addressOf))) as [string, string];
    return await compare(asking.measure, pages, bare, settings);
  } finally {
    await Promise.all(apps.map((app) => app.close()));
    await Promise.all([services.terminate(), asking.stop()]);
  }
}

const addressOf = (app: FastifyInstance): Promise<string> => app.listen({ host: '127.0.0.1', port: 0 });

async function storefrontOver(services: string): Promise<FastifyInstance> {
  const config = loadConfig(storefrontConfig, {
    SHOP_URL: 'http://127.0.0.1',
    USER_SERVICE_URL: services,
    PRODUCT_SERVICE_URL: services,
    CART_SERVICE_URL: services,
    ORDER_SERVICE_URL: services,
    PAYMENT_SERVICE_URL: services,
    RATE_LIMIT_PER_MINUTE: '100000000',
  });
  const log = createLogger('bench', 'silent');
  return createApp({ config, pagesFolder: await buildPages(), log, registry: createRegistry('bench') });
}

function bareOver(services: string): FastifyInstance {
  const app = fastify();
  const ask = async (path: string): Promise<unknown> => (await fetch(services + path)).json();
  app.get<{ Params: { productId: string } }>('/products/:productId', async ({ params }) => {
    const [categories, product] = await Promise.all([
      ask('/categories?limit=100'),
      ask(`/products/${params.productId}`),
    ]);
    return { categories, product };
  });
  return app;
}

async function compare(
  ask: (load: Load) => Promise<LoadResult>,
  pages: string,
  bare: string,
  { rounds, ms, connections }: Rounds,
): Promise<PageRate> {
  const measure = async (address: string, durationMs: number): Promise<Measured> => {
    const load = { address, method: 'GET', path: PATH, tokens: [], isKeyed: false, headers: BROWSER };
    const before = process.threadCpuUsage();
    const result = await ask({ ...load, connections, durationMs });
    const { user, system } = process.threadCpuUsage(before);
    return { ...result, cpuMs: (user + system) / 1_000 / result.count };
  };
  // Compiled once, and connected.
  for (const address of [pages, bare]) await measure(address, ms);
  const sides: { readonly ours: Measured; readonly bare: Measured }[] = [];
  for (let n = 0; n < rounds; n += 1) {
    // They take turns in going first, so that drift over the run favours neither.
    const first = await measure(n % 2 ? bare : pages, ms);
    const second = await measure(n % 2 ? pages : bare, ms);
    sides.push(n % 2 ? { ours: second, bare: first } : { ours: first, bare: second });
  }
  const of = (figure: (side: (typeof sides)[number]) => number) => median(sides.map(figure));
  return {
    ratio: round(of((side) => side.ours.perSecond / side.bare.perSecond)),
    pagesPerS: Math.round(of(({ ours }) => ours.perSecond)),
    barePerS: Math.round(of((side) => side.bare.perSecond)),
    p99Ms: round(of(({ ours }) => ours.p99Ms)),
    bareP99Ms: round(of((side) => side.bare.p99Ms)),
    cpuMs: round(of(({ ours }) => ours.cpuMs)),
    bareCpuMs: round(of((side) => side.bare.cpuMs)),
  };
}
