// Where boxes and arrows of a diagram go: boxes in columns, so that most arrows lead to the right, and areas beside each other. Layered
// drawing after Sugiyama: arrows that would lead back are turned for the layout, an arrow gets a place in each column that it passes, and
// the order within columns is chosen so that few arrows cross. Between two columns of boxes is one of labels, so that no two labels meet.
// Pure, and the same for the same input.

export interface Item {
  readonly name: string;
  /** Number of its area; areas stand from left to right. */
  readonly area: number;
}

export interface Link {
  readonly from: string;
  readonly to: string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Arrow extends Link {
  /** Of an SVG path. */
  readonly path: string;
  /** Middle of its label. */
  readonly label: Point;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  /** By number. */
  readonly areas: ReadonlyMap<number, Box>;
  readonly arrows: readonly Arrow[];
}

export const BOX = { width: 144, height: 106 } as const;
export const LABEL = { width: 84, height: 36 } as const;
/** Of an arrow where it has no label. */
const LANE_HEIGHT = 10;
/** Between a column of boxes and one of labels. */
const COLUMN_GAP = 14;
const BOX_GAP = 22;
const LANE_GAP = 8;
const AREA_PADDING = 18;
/** Above the boxes of an area stands its name. */
const AREA_HEAD = 44;
const ORDER_SWEEPS = 12;
/** An arrow over many columns becomes straight slowly. */
const ROW_SWEEPS = 40;

/** A box, or the place of an arrow that passes the column. */
interface Slot {
  readonly isBox: boolean;
  /** Boxes are in even columns, labels in odd ones. */
  readonly column: number;
  readonly height: number;
  y: number;
  readonly before: Slot[];
  readonly after: Slot[];
}

/** An arrow from left to right; a turned one is drawn the other way. */
interface Chain {
  readonly link: Link;
  readonly isTurned: boolean;
  readonly slots: readonly Slot[];
}

export function layOut(items: readonly Item[], links: readonly Link[]): Layout {
  const known = new Set(items.map(({ name }) => name));
  const drawn = links.filter(({ from, to }) => from !== to && known.has(from) && known.has(to));
  const order = orderOf(items, drawn);
  const columns = columnsOf(items, drawn, order);
  const boxes = new Map(items.map(({ name }) => [name, slotOf(2 * columns.get(name)!, BOX.height)] as const));
  const chains = drawn.map((link) => chainOf(link, boxes, order));
  const layers = layersOf([...boxes.values()], chains);
  untangle(layers);
  placeRows(layers);
  return drawing(items, boxes, chains);
}

const slotOf = (column: number, height: number): Slot => ({
  isBox: height === BOX.height,
  column,
  height,
  y: 0,
  before: [],
  after: [],
});

/** A place for each name such that few links lead back: sources first, sinks last (Eades, Lin and Smyth 1993), area by area. */
function orderOf(items: readonly Item[], links: readonly Link[]): ReadonlyMap<string, number> {
  const areas = [...new Set(items.map(({ area }) => area))].toSorted((a, b) => a - b);
  const names = areas.flatMap((area) => {
    const left = new Set(items.filter((item) => item.area === area).map(({ name }) => name));
    const [head, tail]: [string[], string[]] = [[], []];
    const among = (name: string, end: 'from' | 'to') =>
      links.filter((link) => link[end] === name && left.has(link.from) && left.has(link.to)).length;
    while (left.size > 0) {
      const all = [...left];
      const sink = all.find((name) => among(name, 'from') === 0);
      const source = all.find((name) => among(name, 'to') === 0);
      const surplus = (name: string) => among(name, 'from') - among(name, 'to');
      const next =
        sink ?? source ?? all.reduce((best, name) => (surplus(name) > surplus(best) ? name : best));
      left.delete(next);
      if (sink) tail.unshift(next);
      else head.push(next);
    }
    return [...head, ...tail];
  });
  return new Map(names.map((name, at) => [name, at]));
}

const isTurned = ({ from, to }: Link, order: ReadonlyMap<string, number>): boolean =>
  order.get(from)! > order.get(to)!;

/** The longest way to each from the left; areas do not share columns, and what nothing leads to stands near what it leads to. */
function columnsOf(
  items: readonly Item[],
  links: readonly Link[],
  order: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const straight = links.map((link) =>
    isTurned(link, order) ? { from: link.to, to: link.from } : { from: link.from, to: link.to },
  );
  const columns = new Map<string, number>();
  const sorted = items.toSorted((one, other) => order.get(one.name)! - order.get(other.name)!);
  let [areaStart, end, area] = [0, 0, sorted[0]?.area];
  for (const item of sorted) {
    if (item.area !== area) [areaStart, area] = [end, item.area];
    const before = straight.filter(({ to }) => to === item.name).map(({ from }) => columns.get(from)! + 1);
    const column = Math.max(areaStart, ...before);
    columns.set(item.name, column);
    end = Math.max(end, column + 1);
  }
  const areaOf = new Map(items.map((item) => [item.name, item.area]));
  for (const { name } of sorted) {
    if (straight.some(({ to }) => to === name)) continue;
    const after = straight
      .filter(({ from, to }) => from === name && areaOf.get(to) === areaOf.get(name))
      .map(({ to }) => columns.get(to)! - 1);
    if (after.length > 0) columns.set(name, Math.max(columns.get(name)!, Math.min(...after)));
  }
  return columns;
}

function chainOf(link: Link, boxes: ReadonlyMap<string, Slot>, order: ReadonlyMap<string, number>): Chain {
  const turned = isTurned(link, order);
  const [left, right] = [boxes.get(turned ? link.to : link.from)!, boxes.get(turned ? link.from : link.to)!];
  const slots = [left];
  for (let column = left.column + 1; column < right.column; column += 1)
    slots.push(slotOf(column, slots.length === 1 ? LABEL.height : LANE_HEIGHT));
  slots.push(right);
  for (const [at, slot] of slots.entries()) {
    const next = slots[at + 1];
    if (!next) continue;
    slot.after.push(next);
    next.before.push(slot);
  }
  return { link, isTurned: turned, slots };
}

function layersOf(boxes: readonly Slot[], chains: readonly Chain[]): Slot[][] {
  const all = [...new Set([...boxes, ...chains.flatMap(({ slots }) => slots)])];
  const byColumn = Map.groupBy(all, ({ column }) => column);
  return [...byColumn.keys()].toSorted((a, b) => a - b).map((column) => byColumn.get(column)!);
}

/** Orders each column by the middle of its neighbours, from both sides in turn, and keeps the order with the fewest crossings. */
function untangle(layers: Slot[][]): void {
  let best = layers.map((layer) => [...layer]);
  for (let sweep = 0; sweep < ORDER_SWEEPS; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const places = placesOf(layers);
      const middle = (slot: Slot): number => {
        const beside = isForward ? slot.before : slot.after;
        return beside.length > 0 ? mean(beside.map((one) => places.get(one)!)) : places.get(slot)!;
      };
      const middles = new Map(layer.map((slot) => [slot, middle(slot)]));
      layer.sort((one, other) => middles.get(one)! - middles.get(other)!);
    }
    if (crossings(layers) < crossings(best)) best = layers.map((layer) => [...layer]);
  }
  for (const [at, layer] of best.entries()) layers[at] = layer;
}

/** From 0 to 1 within its column. */
const placesOf = (layers: readonly Slot[][]): Map<Slot, number> =>
  new Map(layers.flatMap((layer) => layer.map((slot, at) => [slot, (at + 0.5) / layer.length] as const)));

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

function crossings(layers: readonly Slot[][]): number {
  const places = placesOf(layers);
  let count = 0;
  for (const layer of layers) {
    const pairs = layer.flatMap((slot) =>
      slot.after.map((next) => [places.get(slot)!, places.get(next)!] as const),
    );
    for (const [at, [from, to]] of pairs.entries())
      for (const [otherFrom, otherTo] of pairs.slice(at + 1))
        if ((from - otherFrom) * (to - otherTo) < 0) count += 1;
  }
  return count;
}

/** Each slot near the middle of its neighbours, in the order of its column and without touching the next. */
function placeRows(layers: readonly Slot[][]): void {
  for (const layer of layers)
    spread(
      layer,
      layer.map(() => 0),
    );
  for (let sweep = 0; sweep < ROW_SWEEPS; sweep += 1)
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed())
      spread(
        layer,
        layer.map((slot) => {
          const beside = [...slot.before, ...slot.after];
          return beside.length > 0 ? mean(beside.map(({ y }) => y)) : slot.y;
        }),
      );
  const top = Math.min(...layers.flat().map(({ y, height }) => y - height / 2));
  for (const slot of layers.flat()) slot.y -= top;
}

/**
 * As near to the wishes as the order and the gaps allow, by least squares: slots that would touch move together, around the mean of what
 * they wish (pool adjacent violators).
 */
function spread(layer: readonly Slot[], wished: readonly number[]): void {
  const pools: { readonly slots: Slot[]; sum: number }[] = [];
  const offsets = offsetsOf(layer);
  for (const [at, slot] of layer.entries()) {
    let pool = { slots: [slot], sum: wished[at]! - offsets.get(slot)! };
    for (let above = pools.at(-1); above && middleOf(above) > middleOf(pool); above = pools.at(-1)) {
      pools.pop();
      pool = { slots: [...above.slots, ...pool.slots], sum: above.sum + pool.sum };
    }
    pools.push(pool);
  }
  for (const pool of pools) for (const slot of pool.slots) slot.y = middleOf(pool) + offsets.get(slot)!;
}

const middleOf = ({ slots, sum }: { readonly slots: readonly Slot[]; readonly sum: number }): number =>
  sum / slots.length;

/** How far below the first slot of a column each is when nothing is between them but the gaps. */
function offsetsOf(layer: readonly Slot[]): Map<Slot, number> {
  let offset = 0;
  return new Map(
    layer.map((slot, at) => {
      const above = layer[at - 1];
      if (above)
        offset += (above.height + slot.height) / 2 + (slot.isBox || above.isBox ? BOX_GAP : LANE_GAP);
      return [slot, offset] as const;
    }),
  );
}

function drawing(items: readonly Item[], slots: ReadonlyMap<string, Slot>, chains: readonly Chain[]): Layout {
  const areaAt = new Map(items.map(({ name, area }) => [slots.get(name)!.column, area]));
  const lefts = leftsOf(areaAt);
  const boxOf = (slot: Slot): Box => ({
    x: lefts[slot.column]!,
    y: AREA_HEAD + slot.y - slot.height / 2,
    width: widthOf(slot.column),
    height: slot.height,
  });
  const all = [...slots.values(), ...chains.flatMap((chain) => chain.slots)].map(boxOf);
  const height = Math.max(0, ...all.map((box) => box.y + box.height)) + AREA_PADDING;
  const ports = portsOf(chains);
  return {
    width: (lefts.at(-1) ?? 0) + BOX.width + AREA_PADDING,
    height,
    boxes: new Map([...slots].map(([name, slot]) => [name, boxOf(slot)])),
    areas: areasOf(areaAt, lefts, height),
    arrows: chains.map((chain) => arrowOf(chain, boxOf, ports)),
  };
}

const widthOf = (column: number): number => (column % 2 === 0 ? BOX.width : LABEL.width);

/** The left edge of every column. */
function leftsOf(areaAt: ReadonlyMap<number, number>): number[] {
  const lefts: number[] = [];
  let x = AREA_PADDING;
  for (let column = 0; column <= Math.max(0, ...areaAt.keys()); column += 1) {
    // Labels between two areas stand outside of both.
    const isBetween = column % 2 === 1 && areaAt.get(column - 1) !== areaAt.get(column + 1);
    if (isBetween) x += AREA_PADDING;
    lefts.push(x);
    x += widthOf(column) + COLUMN_GAP + (isBetween ? AREA_PADDING : 0);
  }
  return lefts;
}

function areasOf(
  areaAt: ReadonlyMap<number, number>,
  lefts: readonly number[],
  height: number,
): Map<number, Box> {
  const columnsByArea = Map.groupBy(areaAt.keys(), (column) => areaAt.get(column)!);
  return new Map(
    [...columnsByArea].map(([area, columns]) => {
      const left = lefts[Math.min(...columns)]! - AREA_PADDING;
      const right = lefts[Math.max(...columns)]! + BOX.width + AREA_PADDING;
      return [area, { x: left, y: 0, width: right - left, height }];
    }),
  );
}

type Ports = ReadonlyMap<Chain, { readonly start: number; readonly end: number }>;

/** Where on the side of its box each arrow begins and ends: in the order of what is at its other end. */
function portsOf(chains: readonly Chain[]): Ports {
  const shares = (key: (chain: Chain) => Slot, other: (chain: Chain) => Slot): Map<Chain, number> => {
    const found = new Map<Chain, number>();
    for (const [, group] of Map.groupBy(chains, key)) {
      const sorted = group.toSorted((one, next) => other(one).y - other(next).y);
      for (const [at, chain] of sorted.entries()) found.set(chain, (at + 1) / (sorted.length + 1));
    }
    return found;
  };
  const starts = shares(
    ({ slots }) => slots[0]!,
    ({ slots }) => slots[1]!,
  );
  const ends = shares(
    ({ slots }) => slots.at(-1)!,
    ({ slots }) => slots.at(-2)!,
  );
  return new Map(chains.map((chain) => [chain, { start: starts.get(chain)!, end: ends.get(chain)! }]));
}

/** Through the places that it has in the columns between, level within each. */
function arrowOf(chain: Chain, boxOf: (slot: Slot) => Box, ports: Ports): Arrow {
  const { link, isTurned: turned, slots } = chain;
  const { start, end } = ports.get(chain)!;
  const boxes = slots.map(boxOf);
  const [first, last] = [boxes[0]!, boxes.at(-1)!];
  const passed = boxes.slice(1, -1).flatMap(({ x, y, width, height }) => [
    { x, y: y + height / 2 },
    { x: x + width, y: y + height / 2 },
  ]);
  const labelled = boxes[1]!;
  const points = [
    { x: first.x + first.width, y: first.y + first.height * start },
    ...passed,
    { x: last.x, y: last.y + last.height * end },
  ];
  const drawn = turned ? points.toReversed() : points;
  return {
    ...link,
    path: pathOf(drawn),
    label: { x: labelled.x + labelled.width / 2, y: labelled.y + labelled.height / 2 },
  };
}

const pathOf = ([start, ...rest]: readonly Point[]): string => {
  const round = (number: number): number => Math.round(number * 10) / 10;
  let [path, at] = [`M${round(start!.x)} ${round(start!.y)}`, start!];
  for (const point of rest) {
    const half = round((at.x + point.x) / 2);
    path += `C${half} ${round(at.y)} ${half} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    at = point;
  }
  return path;
};
