// Each statement of a recorded trace as a span, named by its operation and table, such as "INSERT outbox". The text itself and the
// values stay out: they may be personal data. Statements outside of a trace, as of those who poll, have no span.
import { context } from '@opentelemetry/api';
import pg from 'pg';
import { isTraceRecorded, type SpanOptions, startSpan } from '../spans.ts';

type Callback = (error: Error | undefined, ...others: unknown[]) => void;
type Query = (this: pg.Client, ...parts: unknown[]) => unknown;

class TracedClient extends pg.Client {
  /** In all its forms: with a promise, or with a callback, which is how a pool asks. */
  override query(...parts: unknown[]): never {
    const query = super.query as Query;
    const text = isTraceRecorded() ? textOf(parts[0]) : undefined;
    if (text === undefined) return query.apply(this, parts) as never;
    const { name, options } = describedOf(text);
    const span = startSpan(name, options);
    const callback = parts.at(-1);
    if (typeof callback === 'function') {
      parts[parts.length - 1] = (error: Error | undefined, ...others: unknown[]) => {
        span.end({}, error ?? undefined);
        (callback as Callback)(error, ...others);
      };
      return query.apply(this, parts) as never;
    }
    const answer = query.apply(this, parts) as Promise<unknown>;
    answer.then(
      () => span.end(),
      (error: unknown) => span.end({}, error),
    );
    return answer as never;
  }
}

/** A pool whose statements are spans. */
export class TracedPool extends pg.Pool {
  constructor(options: pg.PoolConfig) {
    super({ ...options, Client: TracedClient });
  }

  /** A caller that waits for a connection is called back by the caller that frees one, and without this would continue in the other's trace. */
  override connect(...parts: unknown[]): never {
    const bound = isTraceRecorded() ? parts.map((part) => context.bind(context.active(), part)) : parts;
    return (super.connect as (...given: unknown[]) => unknown).apply(this, bound) as never;
  }
}

function textOf(config: unknown): string | undefined {
  if (typeof config === 'string') return config;
  const text = (config as { text?: unknown } | null)?.text;
  return typeof text === 'string' ? text : undefined;
}

interface Described {
  readonly name: string;
  readonly options: SpanOptions;
}

const OPERATION = /^\s*(\w+)/;
const NAME = String.raw`(?:"?\w+"?\.)?"?(\w+)"?(?![\w".])`;
/** What stands after FROM with a parenthesis is a function. */
const TABLE = new RegExp(String.raw`\b(?:(?:INTO|UPDATE)\s+${NAME}|(?:FROM|JOIN)\s+${NAME}(?!\s*\())`, 'i');

/** By text. Texts are few, for values never stand in them; should some have been written in, memory does not grow with them. */
const described = new Map<string, Described>();
const DESCRIBED_MAX = 1_000;

function describedOf(text: string): Described {
  const known = described.get(text);
  if (known) return known;
  const operation = (OPERATION.exec(text)?.[1] ?? 'statement').toUpperCase();
  const [, written, read] = TABLE.exec(text) ?? [];
  const table = written ?? read;
  const attributes = {
    'db.system.name': 'postgresql',
    'db.operation.name': operation,
    ...(table && { 'db.collection.name': table }),
  };
  const made: Described = {
    name: table ? `${operation} ${table}` : operation,
    options: { kind: 'client', attributes },
  };
  if (described.size >= DESCRIBED_MAX) described.clear();
  described.set(text, made);
  return made;
}
