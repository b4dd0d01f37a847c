import { describe, expect, it } from '@jest/globals';
import type { Process } from '#contracts/process.ts';
import { orderPlaced } from '#contracts/shop-topics.ts';
import { shapeFaults, storefrontFaults } from './service-shape.ts';
import { parseSource } from './source-files.ts';

const WHOLE: Readonly<Record<string, string>> = {
  'README.md': '',
  'config.ts': 'export const wishConfig = {};',
  'consumers.ts': 'export const wishConsumers = () => [];',
  'domain.ts': `export interface WishStore {} export type Decision = { kind: 'happened' } | { kind: 'ignored' };`,
  'http.ts': `import { Problem } from '#runtime/http/api.ts'; export const wishRoutes = () => [];`,
  'main.ts': `import { runService } from '#runtime/service.ts'; runService({});`,
  'migrations/0001-wish.sql': '',
  'openapi.json': '',
  'store.ts': 'export const createWishStore = () => ({});',
};
const service = (consumes: Process['consumes']): Process => ({
  name: 'wish',
  runsOn: 'eks',
  consumes,
  publishes: [],
  stores: [],
});
function faultsOf(
  changes: Readonly<Record<string, string | undefined>>,
  consumes = [orderPlaced] as Process['consumes'],
) {
  const texts = Object.entries({ ...WHOLE, ...changes }).filter(([, text]) => text !== undefined);
  const files = texts
    .filter(([path]) => path.endsWith('.ts'))
    .map(([path, text]) => parseSource(`services/wish/${path}`, text!));
  const paths = texts.map(([path]) => `services/wish/${path}`);
  return shapeFaults(files, paths, [service(consumes)]);
}

it('a service of the shape has no fault', () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ 'consumers.ts': undefined }, [])).toEqual([]);
  expect(
    faultsOf({
      'jobs.ts': 'export const wishJobs = () => [];',
      'metrics.ts': 'export function createWishMetrics() {}',
      'lists/http.ts': 'export const listRoutes = () => [];',
      'lists/store.ts': 'export const createListStore = () => ({});',
      'domain.spec.ts': `import { Problem } from '#runtime/http/api.ts';`,
    }),
  ).toEqual([]);
});

describe('negative control: the shape of services reports', () => {
  it.each(Object.keys(WHOLE))('a service without %s', (entry) => {
    expect(faultsOf({ [entry]: undefined })).toEqual([
      `services/wish/${entry.replace(/\/.*/, '')} is missing`,
    ]);
  });

  it('a list of consumers where the contract names none', () => {
    expect(faultsOf({}, [])).toEqual([expect.stringContaining('consumers.ts: the contract says')]);
  });

  it.each([
    ['config.ts', 'export const config = {};', 'wishConfig'],
    ['consumers.ts', 'export const createConsumers = () => [];', 'wishConsumers'],
    ['domain.ts', 'export interface Wish {}', 'Store'],
    ['http.ts', 'export const createRoutes = () => [];', 'wishRoutes'],
    ['http.ts', 'const wishRoutes = () => [];', 'wishRoutes'],
    ['jobs.ts', 'export const expiryJob = {};', 'wishJobs'],
    ['metrics.ts', 'export const watch = () => {};', 'createWishMetrics'],
    ['store.ts', 'export const insertWish = () => {};', 'Store'],
    ['lists/http.ts', 'export const createRoutes2 = () => [];', 'Routes'],
    ['internal-routes.ts', 'export const routes = () => [];', 'Routes'],
    ['lists/store.ts', 'export const createLists = () => [];', 'Store'],
  ])('%s: %s', (path, text, name) => {
    expect(faultsOf({ [path]: text })).toEqual([
      expect.stringMatching(`^services/wish/${path} exports nothing that is called .*${name}`),
    ]);
  });

  it.each([
    ['main.ts', `import { runService } from '#runtime/service.ts'; export const x = 1;`, 'exports nothing'],
    ['main.ts', 'start();', 'does not call runService'],
    ['lists/plan.ts', '', 'transitions.ts'],
    ['placement.ts', `import { Problem } from '#runtime/http/problem.ts';`, 'makes an HTTP problem'],
    [
      'lists/domain.ts',
      `export type Decision = { kind: 'happened' } | { kind: 'accepted' };`,
      'never accepted',
    ],
    ['lists/domain.ts', 'export type Decision = { ok: true };', 'without a kind'],
  ])('%s: %s', (path, text, fault) => {
    expect(faultsOf({ [path]: text })).toEqual([expect.stringContaining(fault)]);
  });
});

it('negative control: a storefront that lacks one of its files, or keeps what it shows, is reported', () => {
  const entries = ['README.md', 'main.ts', 'config.ts', 'app.ts', 'build.ts'];
  const inFolders = ['pages/pages.tsx', 'routes/cart.ts', 'bff/session.ts', 'design/shop.css'];
  const paths = [...entries, ...inFolders].map((entry) => `services/storefront/${entry}`);
  expect(storefrontFaults(paths)).toEqual([]);
  expect(storefrontFaults(paths.filter((path) => !path.includes('/bff/')))).toEqual([
    'services/storefront has no bff',
  ]);
  expect(storefrontFaults([...paths, 'services/storefront/store.ts'])).toEqual([
    'services/storefront has pages and store.ts: a service without pages keeps what it shows',
  ]);
});
