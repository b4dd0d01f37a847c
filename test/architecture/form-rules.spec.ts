import { describe, expect, it } from '@jest/globals';
import { forwardingFaults, nameFaults } from './form-rules.ts';
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
});
