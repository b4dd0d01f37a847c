// The JSON Schema of every event on every topic, and the goldens that were committed for them.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { EventContract } from '#contracts/envelope.ts';
import { TOPICS } from '#contracts/topics.ts';
import { type BreakingChange, breakingChanges, type JsonSchema } from './breaking-changes.ts';

/** The folder of the goldens, one `<event type>.json` each. */
export const goldenFolder = fileURLToPath(new URL('../../contracts/schemas/', import.meta.url));

/** Every event that some topic carries. */
export const eventContracts = (): EventContract<unknown>[] => [
  ...new Map(TOPICS.map(({ event }) => [event.type, event])).values(),
];

/** What a reader accepts as data of the event. Rules that JSON Schema cannot say (`refine`) are absent. */
export function jsonSchemaOf(contract: EventContract<unknown>): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(contract.schema, { target: 'draft-2020-12', io: 'input' });
  return { $schema, title: contract.type, ...schema };
}

export const goldenFileOf = (type: string): string => `${type}.json`;

export const goldenText = (schema: JsonSchema): string => `${JSON.stringify(schema, undefined, 2)}\n`;

/** Committed goldens by event type. */
export async function readGoldens(folder = goldenFolder): Promise<Map<string, JsonSchema>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const entries = files.map(async (name): Promise<[string, JsonSchema]> => {
    const schema: JsonSchema = JSON.parse(await readFile(`${folder}/${name}`, 'utf8'));
    return [name.slice(0, -'.json'.length), schema];
  });
  return new Map(await Promise.all(entries));
}

/** The message for a person; undefined when nothing breaks. */
export function breakingMessage(type: string, changes: readonly BreakingChange[]): string | undefined {
  if (changes.length === 0) return undefined;
  const lines = changes.map(({ path, what, breaks }) => `  ${path}: ${what} (breaks ${breaks})`);
  return `${type} may not change like this; make a new major version ${nextMajor(type)} and keep the old one:\n${lines.join('\n')}`;
}

/** Why a decision does not allow to break these event types; undefined when it does. */
export function decisionFault(path: string, text: string, types: readonly string[]): string | undefined {
  if (!/^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/.test(path))
    return `--because: ${path} is no decision in docs/adr/`;
  const unnamed = types.filter((type) => !text.includes(`\`${type}\``));
  return unnamed.length > 0 ? `--because: ${path} does not name ${unnamed.join(', ')}` : undefined;
}

/** What stands between a contract and its golden; undefined when they are equal. */
export function schemaFault(
  type: string,
  golden: JsonSchema | undefined,
  schema: JsonSchema,
): string | undefined {
  if (!golden) return `${type} has no golden schema; record it: npm run schemas`;
  const message = breakingMessage(type, breakingChanges(golden, schema));
  if (message) return message;
  return goldenText(golden) === goldenText(schema)
    ? undefined
    : `${type} has changed (nothing breaks); record it: npm run schemas`;
}

const nextMajor = (type: string): string =>
  type.replace(/\.v(\d+)$/, (_match, major: string) => `.v${Number(major) + 1}`);
