// What may be told of a refused record without telling what stands in it. A record that was refused can hold anything, personal data
// included, at any place: in values, in keys, in the names of its fields. So only names that the contract knows are repeated, and only
// ids of the contract's own form.
import { z } from 'zod';
import { productId } from '#contracts/products.ts';
import type { Topic } from '#contracts/topic.ts';

export interface LetterBody {
  /** The record's key, where it has the form of an id that this topic is keyed by. */
  readonly key?: string;
  readonly valueBytes: number;
  /** Whether the value is a JSON object or array. */
  readonly isJson: boolean;
  /** Paths of fields that the contract knows, such as `lines.productId`; values are never told. */
  readonly fields: readonly string[];
  /** How many fields there are that the contract does not know. */
  readonly unknownFieldCount: number;
}

const FIELDS_MAX = 40;
const DEPTH_MAX = 6;
/** Larger values are not read: their size says enough. */
const READ_BYTES_MAX = 100_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param record its key and value as they lie in the log */
export function bodyOf(
  topic: Topic<unknown>,
  { key, value }: { readonly key: Buffer | null; readonly value: Buffer | null },
): LetterBody {
  const json = value && value.length <= READ_BYTES_MAX ? jsonOf(value) : undefined;
  const seen = { known: new Set<string>(), unknown: new Set<string>() };
  if (json) visit(json, knownNames(topic), seen);
  const shownKey = key && idOf(topic, key.toString());
  return {
    ...(shownKey ? { key: shownKey } : {}),
    valueBytes: value?.length ?? 0,
    isJson: json !== undefined,
    fields: [...seen.known].slice(0, FIELDS_MAX),
    unknownFieldCount: seen.unknown.size,
  };
}

/** Made by us and without meaning: a UUID, and a product's id. Anything else may be an address or a name. */
function idOf(topic: Topic<unknown>, text: string): string | undefined {
  if (UUID.test(text)) return text;
  return topic.key === 'productId' && productId.safeParse(text).success ? text : undefined;
}

function jsonOf(value: Buffer): object | undefined {
  try {
    const json: unknown = JSON.parse(value.toString());
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

const namesByTopic = new Map<string, ReadonlySet<string>>();

/** Names of all fields that an event of the topic can have, at any depth. */
function knownNames(topic: Topic<unknown>): ReadonlySet<string> {
  const found = namesByTopic.get(topic.name);
  if (found) return found;
  const names = new Set<string>();
  collectNames(z.toJSONSchema(topic.event.schema, { unrepresentable: 'any', io: 'input' }), names);
  namesByTopic.set(topic.name, names);
  return names;
}

function collectNames(schema: unknown, names: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null)
    for (const name of Object.keys(schema.properties)) names.add(name);
  for (const part of Object.values(schema)) collectNames(part, names);
}

interface Seen {
  readonly known: Set<string>;
  /** Never told, only counted. */
  readonly unknown: Set<string>;
}

function visit(json: object, names: ReadonlySet<string>, seen: Seen, path: readonly string[] = []): void {
  if (path.length > DEPTH_MAX) return;
  const isList = Array.isArray(json);
  for (const [name, value] of Object.entries(json)) {
    const here = isList ? path : [...path, name];
    // Below a field that is unknown nothing is known either.
    if (!isList && !names.has(name)) {
      seen.unknown.add(here.join('.'));
      continue;
    }
    if (!isList) seen.known.add(here.join('.'));
    if (typeof value === 'object' && value !== null) visit(value, names, seen, here);
  }
}
