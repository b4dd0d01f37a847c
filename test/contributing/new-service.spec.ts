// Names, and what becomes of a repository that is not written as the command expects. That what it makes keeps every rule shows
// recipes.int.spec.ts.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nameFault, newService } from './new-service/new-service.ts';

const ROOT = join(import.meta.dirname, '../..');
const command = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'new-service/new-service.cli.ts'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });

describe('a service', () => {
  it.each(['wishlist', 'faq', 'loyalty2', 'tostring'])('may be called %s', (name) => {
    expect(nameFault(name, ROOT)).toBeUndefined();
  });

  it.each([
    ['Wishlist', 'small letters and digits'],
    ['wish-list', 'small letters and digits'],
    ['wish_list', 'small letters and digits'],
    ['2nd', 'a letter first'],
    ['a', '2 to 20'],
    ['awishlistthatisfartoolong', '2 to 20'],
    ['', 'not ""'],
    ['../wishlist', 'small letters and digits'],
    ['services/wishlist', 'small letters and digits'],
    ['wishlist\n', 'not "wishlist\\n"'],
    ['__proto__', 'small letters and digits'],
    ['constructor', 'constructor is a word of JavaScript'],
    ['class', 'class is a word of JavaScript'],
    ['await', 'await is a word of JavaScript'],
    ['cart', 'cart is taken: there is services/cart'],
    ['analytics', 'analytics is taken: there is'],
    ['kafka', 'kafka is taken: there is'],
    ['loki', 'loki is taken: there is'],
    ['runtime', 'runtime is taken: there is runtime'],
    ['topics', 'topics is taken: there is'],
  ])('may not be called %j', (name, fault) => {
    expect(nameFault(name, ROOT)).toContain(fault);
    expect(() => newService(name, ROOT)).toThrow(fault);
  });

  it('gets the next free port, and a folder without a word of the template left', () => {
    const changes = newService('wishlist', ROOT);
    expect(changes.get('contracts/shop-processes.ts')).toContain(
      "export const wishlistService = service('wishlist', 4017, [productChanged], []);\n",
    );
    expect([...changes.keys()].filter((path) => path.startsWith('services/wishlist/'))).toEqual(
      expect.arrayContaining(['services/wishlist/main.ts', 'services/wishlist/migrations/0001-wishlist.sql']),
    );
    expect(
      [...changes].filter(([path, text]) => /\{\{|\}\}.*\{\{|\.txt$/.test(path) || /\{\{\w+\}\}/.test(text)),
    ).toEqual([]);
  });
});

describe('the command', () => {
  it('explains itself', () => {
    const { stdout, status } = command('--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining('npm run new:service -- <name>')]);
  });

  it.each([
    [[], 'give one name'],
    [['one', 'two'], 'give one name'],
    [['cart'], 'cart is taken: there is services/cart'],
    [['--port', '1'], "Unknown option '--port'"],
  ])('given %j says what is wrong, in a line, and changes nothing', (args, fault) => {
    const { stdout, stderr, status } = command(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(fault);
    expect(stderr).not.toContain('at file:');
  });
});

describe('a repository that is not written as the command expects', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'new-service-'));
    for (const path of [
      'contracts/shop-processes.ts',
      'test/contracts/service-documents.ts',
      'services/README.md',
      'k8s/images.lock.json',
    ])
      cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it.each([
    ['contracts/shop-processes.ts', /^export const SERVICES/m, 'const OTHERS'],
    ['test/contracts/service-documents.ts', /^export const SERVICE_ROUTES/m, 'const ROUTES'],
    ['services/README.md', /^\| \[/gm, '| '],
  ])('is left as it is, and %s is named', (path, from, to) => {
    const file = join(copy, path);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(new RegExp(from.source, 'gm'), to));
    expect(() => newService('wishlist', copy)).toThrow(`${path} is not written as expected`);
    writeFileSync(file, text);
    expect(newService('wishlist', copy).size).toBeGreaterThan(10);
  });

  it('has no port left after 4099', () => {
    mkdirSync(join(copy, 'contracts'), { recursive: true });
    writeFileSync(join(copy, 'contracts/shop-processes.ts'), "service('last', 4099, [], [])\n");
    expect(() => newService('wishlist', copy)).toThrow('no free port');
  });
});
