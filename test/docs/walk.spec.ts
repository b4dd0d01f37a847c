// The two walks of docs/architecture.md, against files, imports and contracts.
import { describe, expect, it } from '@jest/globals';
import type { Process } from '#contracts/process.ts';
import { PROCESSES } from '#contracts/processes.ts';
import { TOPICS } from '#contracts/topics.ts';
import { readRepositoryFile, repositoryPaths, sourceFiles } from '../architecture/source-files.ts';
import { type House, roomsEnteredAgain, walkFaults, walksOf } from './walk.ts';

const PAGE = readRepositoryFile('docs/architecture.md');
const paths = repositoryPaths();
const imports = new Map(
  sourceFiles()
    .filter(({ path }) => !path.endsWith('.spec.ts'))
    .map(({ path, imports }) => [path, imports.flatMap(({ path }) => path ?? [])]),
);

const folderOf = ({ name, runsOn }: Process): string =>
  runsOn === 'eks' ? `services/${name}` : runsOn === 'lambda' ? `lambda/${name}` : name;
const foldersThat = (field: 'publishes' | 'consumes', topic: string): string[] =>
  PROCESSES.filter((process) => process[field].some(({ name }) => name === topic)).map(folderOf);

const house: House = {
  isThere: (path) => paths.includes(path.replace(/\/$/, '')),
  importsOf: (path) => imports.get(path) ?? [],
  wiresBoth: (one, other) =>
    [...imports.values()].some((targets) => targets.includes(one) && targets.includes(other)),
  isTopic: (name) => TOPICS.some((topic) => topic.name === name),
  writersOf: (topic) => foldersThat('publishes', topic),
  readersOf: (topic) => foldersThat('consumes', topic),
};

const [photo, order, ...others] = walksOf(PAGE);

describe('the walk of docs/architecture.md', () => {
  it.each([
    ['a photo', photo],
    ['an order', order],
  ])('of %s is so in the code', (_of, walk) => {
    expect(walkFaults(walk!, house)).toEqual([]);
  });

  it('is read whole', () => {
    expect(others).toEqual([]);
    expect(photo!.visits.map(({ room }) => room)).toEqual([
      'lambda/image-renditions',
      'analytics',
      'analytics/export',
      'services/product',
    ]);
    expect(order!.visits.flatMap(({ calls }) => calls).length).toBeGreaterThan(30);
  });

  it('of a photo enters no room twice, and of an order only that of the saga', () => {
    expect(roomsEnteredAgain(photo!)).toEqual([]);
    expect(roomsEnteredAgain(order!)).toEqual(['services/order']);
  });
});

describe('negative control: a walk is refused that', () => {
  const drawn = (lines: string): string => `\`\`\`mermaid\nflowchart TB\n${lines}\n\`\`\`\n`;
  const visit = (room: string, calls: string): string =>
    `  subgraph v["${room} · does it"]\n    ${calls}\n  end\n`;
  const cart = visit('services/cart', 'b1["consumers.ts"] --> b2["domain.ts"]');

  it.each([
    [
      'names a file that is none',
      visit('services/cart', 'a["basket.ts"]'),
      'there is no services/cart/basket.ts',
    ],
    [
      'joins files that do not know each other',
      visit('contracts', 'a["money.ts"] --> b["shutdown.ts"]'),
      'contracts/money.ts does not lead to contracts/shutdown.ts',
    ],
    [
      'calls a part of the kit that is not called',
      visit('services/cart', 'a["domain.ts"] <--> b["runtime/kafka/"]'),
      'services/cart/domain.ts does not lead to runtime/kafka/',
    ],
    [
      'writes a topic of another',
      `${cart}  b2 -. "order.placed" .-> x(["somebody"])`,
      'services/cart does not write order.placed',
    ],
    [
      'reads a topic that it has not',
      `  x(["somebody"]) -. "payment.failed" .-> b1\n${cart}`,
      'services/cart does not read payment.failed',
    ],
    [
      'crosses processes by no topic',
      `${cart}  b2 -. "a wish" .-> b1`,
      'services/cart reaches services/cart by a wish, which is no topic',
    ],
  ])('%s', (_rule, lines, fault) => {
    expect(walksOf(drawn(lines)).flatMap((walk) => walkFaults(walk, house))).toEqual([fault]);
  });

  it('enters a room again', () => {
    expect(walksOf(drawn(`${cart}${cart}`)).flatMap(roomsEnteredAgain)).toEqual(['services/cart']);
  });
});
