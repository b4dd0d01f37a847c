import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from '#contracts/processes.ts';
import { type Box, type Item, LABEL, type Layout, type Link, layOut } from './diagram-layout.ts';

/** The platform, as it is drawn. */
const ITEMS: Item[] = PROCESSES.map(({ name, runsOn }) => ({
  name,
  area: runsOn === 'cloud-run-worker-pool' ? 1 : 0,
}));
const LINKS: Link[] = PROCESSES.flatMap((from) =>
  PROCESSES.filter((to) =>
    to.consumes.some(({ name }) => from.publishes.some((one) => one.name === name)),
  ).map((to) => ({ from: from.name, to: to.name })),
);

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;
const labelBox = ({ x, y }: { readonly x: number; readonly y: number }): Box => ({
  x: x - LABEL.width / 2,
  y: y - LABEL.height / 2,
  ...LABEL,
});
/** Names of the parts that overlap another part. */
function collisions({ boxes, arrows }: Layout): string[] {
  const things: [string, Box][] = [
    ...boxes,
    ...arrows.map(({ from, to, label }): [string, Box] => [`${from} to ${to}`, labelBox(label)]),
  ];
  return things.flatMap(([name, box], at) =>
    things
      .slice(at + 1)
      .flatMap(([other, otherBox]) => (overlap(box, otherBox) ? [`${name} on ${other}`] : [])),
  );
}

/** The first and the last point of a path. */
function endsOf(path: string) {
  const numbers = path.match(/-?[\d.]+/g)!.map(Number);
  return { start: { x: numbers[0]!, y: numbers[1]! }, end: { x: numbers.at(-2)!, y: numbers.at(-1)! } };
}
const isOnSide = ({ x, y }: { x: number; y: number }, box: Box): boolean =>
  (Math.abs(x - box.x) < 0.1 || Math.abs(x - box.x - box.width) < 0.1) && y > box.y && y < box.y + box.height;

/** Pseudo-random graphs, the same at each run. */
function graph(seed: number): [Item[], Link[]] {
  let state = seed;
  const random = (max: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * max);
  };
  const items = Array.from({ length: 2 + random(9) }, (_, n) => ({ name: `n${n}`, area: random(2) }));
  const pairs = Array.from({ length: random(18) }, () => `n${random(items.length)} n${random(items.length)}`);
  return [items, [...new Set(pairs)].map((pair) => ({ from: pair.split(' ')[0]!, to: pair.split(' ')[1]! }))];
}
const GRAPHS = [[ITEMS, LINKS] as [Item[], Link[]], ...Array.from({ length: 60 }, (_, n) => graph(n + 1))];

describe('a diagram', () => {
  it('of the platform has a box for each process and an arrow for each two that speak', () => {
    const { boxes, arrows } = layOut(ITEMS, LINKS);
    expect([...boxes.keys()].toSorted()).toEqual(PROCESSES.map(({ name }) => name).toSorted());
    expect(arrows.map(({ from, to }) => ({ from, to }))).toEqual(LINKS);
    expect(LINKS).toContainEqual({ from: 'order', to: 'payment' });
    expect(LINKS).toContainEqual({ from: 'payment', to: 'order' });
  });

  it('has nothing on top of anything else', () => {
    expect(GRAPHS.map(([items, links]) => collisions(layOut(items, links)))).toEqual(GRAPHS.map(() => []));
  });

  it('negative control: would report a box that overlaps another one', () => {
    const drawn = layOut(ITEMS, LINKS);
    const moved = { ...drawn, boxes: new Map([...drawn.boxes, ['order', drawn.boxes.get('cart')!]]) };
    expect(collisions(moved)).toContain('cart on order');
  });

  it('has arrows from the side of one box to the side of the other', () => {
    for (const [items, links] of GRAPHS) {
      const { boxes, arrows } = layOut(items, links);
      for (const { from, to, path } of arrows) {
        const { start, end } = endsOf(path);
        expect([isOnSide(start, boxes.get(from)!), isOnSide(end, boxes.get(to)!)]).toEqual([true, true]);
      }
    }
  });

  it('has all within its size, and boxes within their own area alone', () => {
    for (const [items, links] of GRAPHS) {
      const { width, height, boxes, areas } = layOut(items, links);
      for (const { name, area } of items) {
        const box = boxes.get(name)!;
        expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(
          true,
        );
        const inside = [...areas].filter(([, one]) => overlap(one, box)).map(([number]) => number);
        expect(inside).toEqual([area]);
      }
    }
  });

  it('is the same for the same, whatever has been drawn before', () => {
    expect(layOut(ITEMS, LINKS)).toEqual(layOut(ITEMS, LINKS));
  });

  it('leaves out arrows to itself and to what is not there', () => {
    const items = [{ name: 'a', area: 0 }];
    expect(
      layOut(items, [
        { from: 'a', to: 'a' },
        { from: 'a', to: 'b' },
      ]).arrows,
    ).toEqual([]);
  });

  it('of nothing is nothing', () => {
    expect(layOut([], [])).toMatchObject({ arrows: [] });
  });
});
