import { describe, expect, it } from '@jest/globals';
import { forwardingFaults, nameFaults, serviceFaults } from './form-rules.ts';
import { parseSource } from './source-files.ts';

describe('negative control: the rules of form report', () => {
  it.each([
    `export * from './a.ts';`,
    `export { a } from './a.ts';`,
    `import './b.ts'; export { a } from './a.ts';`,
  ])('a file that is only %s', (text) => {
    expect(forwardingFaults(parseSource('services/order/index.ts', text))).toHaveLength(1);
  });

  it.each([`export const a = 1;`, `export { a } from './a.ts'; run();`, `import './a.ts';`, ''])(
    'and not one that is %j',
    (text) => {
      expect(forwardingFaults(parseSource('a.ts', text))).toEqual([]);
    },
  );

  it.each([
    ['services/order/order-helper.ts', ''],
    ['runtime/utils/text.ts', ''],
    ['runtime/utils.spec.ts', ''],
    ['a.ts', 'export class OrderManager {}'],
    ['a.ts', 'export default class KafkaHelper {}'],
    ['a.ts', 'function stringUtil() {}'],
    ['a.ts', 'export const dateUtils = {};'],
    ['a.ts', 'interface ImageUtility {}'],
  ])('an empty name in %s: %s', (path, text) => {
    expect(nameFaults(parseSource(path, text))).toHaveLength(1);
  });

  it.each([
    ['stacks/gcp/secret-manager.ts', 'export class SecretManagerAccess {}'],
    ['a.ts', 'export const utilisation = 1; const managerial = 2;'],
  ])('and not the name in %s: %s', (path, text) => {
    expect(nameFaults(parseSource(path, text))).toEqual([]);
  });

  it('a service that lacks a file of the others', () => {
    const complete = [
      'README.md',
      'main.ts',
      'config.ts',
      'domain.ts',
      'http.ts',
      'consumers.ts',
      'store.ts',
    ];
    const paths = [...complete, 'migrations/0001-order.sql'].map((entry) => `services/order/${entry}`);
    expect(serviceFaults([...paths, 'services/cart/main.ts'])).toContain('services/cart has no domain.ts');
    expect(serviceFaults(paths)).toEqual([]);
    expect(serviceFaults(paths.filter((path) => !path.includes('migrations')))).toEqual([
      'services/order has no migrations',
    ]);
  });

  it('a storefront that lacks one of its files, or keeps what it shows', () => {
    const entries = ['README.md', 'main.ts', 'config.ts', 'app.ts', 'build.ts'];
    const inFolders = ['pages/pages.tsx', 'routes/cart.ts', 'bff/session.ts', 'design/shop.css'];
    const paths = [...entries, ...inFolders].map((entry) => `services/storefront/${entry}`);
    expect(serviceFaults(paths)).toEqual([]);
    expect(serviceFaults(paths.filter((path) => !path.includes('/bff/')))).toEqual([
      'services/storefront has no bff',
    ]);
    expect(serviceFaults([...paths, 'services/storefront/store.ts'])).toEqual([
      'services/storefront has pages and store.ts: a service without pages keeps what it shows',
    ]);
  });
});
