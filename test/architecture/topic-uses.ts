// Which events a deployable's code really decodes and encodes, against what contracts/processes.ts says of it.
import type { EventContract } from '#contracts/envelope.ts';
import type { Process } from '#contracts/process.ts';
import type { Topic } from '#contracts/topic.ts';
import { houseOf } from './import-rules.ts';
import type { SourceFile } from './source-files.ts';
import { type Node, nodeName, visit } from './syntax.ts';

/** Names that contracts export, and what they stand for. */
export type ContractNames = Readonly<Record<string, unknown>>;

/** Topic names that code reads and writes. */
export interface TopicUses {
  readonly consumes: readonly string[];
  readonly publishes: readonly string[];
}

/** The topics of a deployable's code, by the events that it decodes, encodes or subscribes to. */
export function topicUses(
  files: readonly SourceFile[],
  names: ContractNames,
  topics: readonly Topic<unknown>[],
): TopicUses {
  const consumes = new Set<string>();
  const publishes = new Set<string>();
  for (const file of files) {
    visit(file.syntax as unknown as Node, (node) => {
      const { decoded, encoded, buried } = useOf(node, names, topics);
      for (const topic of decoded) consumes.add(topic.name);
      for (const topic of encoded) publishes.add(topic.name);
      for (const topic of buried) publishes.add(topic.deadLetters ?? `(no dead letters of ${topic.name})`);
    });
  }
  return { consumes: [...consumes].toSorted(), publishes: [...publishes].toSorted() };
}

interface Use {
  readonly decoded: readonly Topic<unknown>[];
  readonly encoded: readonly Topic<unknown>[];
  readonly buried: readonly Topic<unknown>[];
}

function useOf(node: Node, names: ContractNames, topics: readonly Topic<unknown>[]): Use {
  const none: Use = { decoded: [], encoded: [], buried: [] };
  if (node.type === 'MemberExpression' && nodeName(node.property) === 'deadLetters')
    return { ...none, buried: topicsOf(node.object, names, topics) };
  if (node.type !== 'CallExpression') return none;
  const [first] = (node.arguments as { expression: Node }[]).map(({ expression }) => expression);
  switch (nodeName(node.callee)) {
    case 'decodeEvent':
      return { ...none, decoded: topicsOf(first, names, topics) };
    case 'encodeEvent':
    case 'publishEvent':
      return { ...none, encoded: topicsOf(first, names, topics) };
    case 'subscription':
    case 'activityTopic': {
      // What a service's runtime, and the counting of activity, consume in the same careful way.
      const found = topicsOf(first, names, topics);
      return { ...none, decoded: found, buried: found };
    }
    default:
      return none;
  }
}

/** `X`, `X.event`: the topics that a contract's name stands for, directly or by the event they carry. */
function topicsOf(node: unknown, names: ContractNames, topics: readonly Topic<unknown>[]): Topic<unknown>[] {
  const expression = node as Node | undefined;
  if (expression?.type === 'MemberExpression') return topicsOf(expression.object, names, topics);
  const meant = names[nodeName(expression) ?? ''] as Topic<unknown> | EventContract<unknown> | undefined;
  return meant ? topics.filter((topic) => topic === meant || topic.event === meant) : [];
}

/** The folder of a process: a service, a Lambda, or a top-level folder of its name. */
export const folderOf = ({ name }: Process, folders: ReadonlySet<string>): string | undefined =>
  [`services/${name}`, `lambda/${name}`, name].find((folder) => folders.has(folder));

/** Where the code and the description of the processes disagree. */
export function processFaults(
  files: readonly SourceFile[],
  processes: readonly Process[],
  names: ContractNames,
  topics: readonly Topic<unknown>[],
): string[] {
  const own = files.filter(({ path }) => !path.endsWith('.spec.ts'));
  const folders = new Set(own.map(({ path }) => houseOf(path)));
  return processes.flatMap((process) => {
    const folder = folderOf(process, folders);
    if (!folder) return [`${process.name} has no folder`];
    const uses = topicUses(
      own.filter(({ path }) => houseOf(path) === folder),
      names,
      topics,
    );
    return [
      ...difference(
        folder,
        'consumes',
        process.consumes.map(({ name }) => name),
        uses.consumes,
      ),
      ...difference(
        folder,
        'publishes',
        process.publishes.map(({ name }) => name),
        uses.publishes,
      ),
    ];
  });
}

function difference(
  folder: string,
  verb: string,
  declared: readonly string[],
  used: readonly string[],
): string[] {
  return [
    ...declared
      .filter((name) => !used.includes(name))
      .map((name) => `${folder} is said to, and never ${verb} ${name}`),
    ...used.filter((name) => !declared.includes(name)).map((name) => `${folder} ${verb} ${name} unsaid`),
  ];
}
