// The walks of docs/architecture.md: mermaid text in, visits with their files and arrows out; and what in them is not so in the code.

/** One process at work on one request or event. */
export interface Visit {
  /** The folder whose files it calls. */
  readonly room: string;
  /** Paths by the id of their node. */
  readonly files: ReadonlyMap<string, string>;
  /** Calls from file to file, by their nodes' ids. */
  readonly calls: readonly Arrow[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

export interface Walk {
  readonly visits: readonly Visit[];
  /** What leaves a process: the arrow's words are a topic, or what else carries the data. */
  readonly handovers: readonly (Arrow & { readonly carrier: string })[];
}

/** What the repository and the contracts say. */
export interface House {
  isThere(path: string): boolean;
  /** Paths of our files that a file imports. */
  importsOf(path: string): readonly string[];
  /** Files that import both. */
  wiresBoth(one: string, other: string): boolean;
  isTopic(name: string): boolean;
  /** Folders of the processes that may write to, or read from, a topic. */
  writersOf(topic: string): readonly string[];
  readersOf(topic: string): readonly string[];
}

const NODE = /(\w+)\["([^"<]+)(?:<br>[^"]*)?"\]/g;
const KIT = /^(runtime|contracts)\//;

/** The walks of a page, in its order: the diagrams that have visits. */
export const walksOf = (page: string): Walk[] =>
  [...page.matchAll(/```mermaid\n([\s\S]*?)```/g)]
    .map(([, text = '']) => walkOf(text))
    .filter(({ visits }) => visits.length > 0);

function walkOf(text: string): Walk {
  const visits = [...text.matchAll(/subgraph \w+\["(\S+) · [^"]*"\]\n([\s\S]*?)\n\s*end\b/g)].map(
    ([, room = '', body = '']) => visitOf(room, body),
  );
  const handovers = [...text.matchAll(/(\w+)\S* -\. "([^"]+)" \.-> (\w+)/g)].map(
    ([, from = '', carrier = '', to = '']) => ({ from, carrier, to }),
  );
  return { visits, handovers };
}

function visitOf(room: string, body: string): Visit {
  const files = new Map(
    [...body.matchAll(NODE)].map(([, id = '', name = '']) => [id, KIT.test(name) ? name : `${room}/${name}`]),
  );
  const calls = body.split('\n').flatMap((line) => {
    const steps = line
      .replaceAll(NODE, '$1')
      .trim()
      .split(/\s*<?-->\s*/);
    return steps
      .slice(1)
      .flatMap((to, at) => to.split(/\s*&\s*/).map((one) => ({ from: steps[at]!, to: one })));
  });
  return { room, files, calls };
}

/** Each fault names what the page shows and the code has not. */
export const walkFaults = ({ visits, handovers }: Walk, house: House): string[] => [
  ...visits.flatMap((visit) => visitFaults(visit, house)),
  ...handovers.flatMap((handover) => handoverFaults(handover, visits, house)),
];

function visitFaults({ files, calls }: Visit, house: House): string[] {
  const missing = [...files.values()].filter((path) => !house.isThere(path));
  if (missing.length > 0) return missing.map((path) => `there is no ${path}`);
  return calls
    .map(({ from, to }) => [files.get(from) ?? from, files.get(to) ?? to] as const)
    .filter(([from, to]) => !areJoined(from, to, house))
    .map(([from, to]) => `${from} does not lead to ${to}`);
}

/** A call needs an import; one through a port is made by the file that wires both. A folder of the kit stands for its files. */
function areJoined(from: string, to: string, house: House): boolean {
  const leadsTo = (path: string, target: string): boolean =>
    house.importsOf(path).some((one) => (target.endsWith('/') ? one.startsWith(target) : one === target));
  if (KIT.test(to)) return leadsTo(from, to);
  return leadsTo(from, to) || leadsTo(to, from) || house.wiresBoth(from, to);
}

function handoverFaults(
  { from, carrier, to }: Walk['handovers'][number],
  visits: readonly Visit[],
  house: House,
): string[] {
  const roomOf = (id: string) => visits.find(({ files }) => files.has(id))?.room;
  const [writer, reader] = [roomOf(from), roomOf(to)];
  if (!house.isTopic(carrier))
    return writer && reader ? [`${writer} reaches ${reader} by ${carrier}, which is no topic`] : [];
  const isWithin = (room: string, folders: readonly string[]): boolean =>
    folders.some((folder) => room === folder || room.startsWith(`${folder}/`));
  return [
    ...(writer && !isWithin(writer, house.writersOf(carrier)) ? [`${writer} does not write ${carrier}`] : []),
    ...(reader && !isWithin(reader, house.readersOf(carrier)) ? [`${reader} does not read ${carrier}`] : []),
  ];
}

/** Rooms that a walk enters more than once. */
export function roomsEnteredAgain({ visits }: Walk): string[] {
  const rooms = visits.map(({ room }) => room);
  return rooms.filter((room, at) => rooms.indexOf(room) !== at);
}
