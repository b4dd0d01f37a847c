// Commands in; saved states, and what was decided, out. One transaction a command: the inbox mark of the event that caused it, the lock of
// the state, the decision, the new state with its messages in the outbox. Of commands that come at once, each is decided on what the
// others left.
import type { Event } from '#contracts/envelope.ts';
import type { Process } from '#contracts/process.ts';
import { schemaOf } from '#contracts/process.ts';
import type { Topic } from '#contracts/topic.ts';
import { AppError } from './errors.ts';
import { takeOnce } from './outbox/inbox.ts';
import { inTransaction, type Pool, type PoolClient } from './postgres/database.ts';
import { changedMeanwhile, isMatch } from './versions.ts';

/** The connection of a transaction, as far as rows are read and written. */
export type Client = Pick<PoolClient, 'query'>;

/**
 * What a domain decides. `ignored` changes nothing and is no error. `refused` is the caller's fault. `impossible` can never be while
 * every service keeps its promises. Each domain has its own words for `why`.
 */
export type AnyDecision<Happened> =
  | { readonly kind: 'happened'; readonly events: readonly Happened[] }
  | { readonly kind: 'ignored' | 'refused' | 'impossible'; readonly why: string };

/** What brought a command about: it takes effect once. */
export interface Cause {
  /** Whose ids these are: ids are unique only within what one topic or one provider sends. */
  readonly from: string;
  readonly eventId: string;
}

/** The event of a topic as the cause of a command. */
export const causeOf = (topic: Topic<unknown>, { id }: Event<unknown>): Cause => ({
  from: topic.name,
  eventId: id,
});

/** What comes with a command. */
export interface Circumstances {
  /** @default nothing that could come again */
  readonly cause?: Cause | undefined;
  /** Versions of the state that it was meant for (those of If-Match). @default any */
  readonly versions?: readonly number[] | undefined;
}

/** One event of a decision: the state before it, and after it. */
export interface Step<State, Happened> {
  readonly id: string;
  readonly before: State;
  readonly event: Happened;
  readonly after: State;
}

/** What was decided, and the state as it is now. */
export interface Decided<State, Decision> {
  readonly decision: Decision;
  readonly state: State;
}

export interface CommandHandlerParts<State, Command, Happened, Decision> {
  readonly pool: Pool;
  readonly process: Process;
  readonly decide: (command: Command, state: State) => Decision;
  readonly evolve: (state: State, event: Happened) => State;
  /**
   * The state as the last transaction left it, with everything that the decision needs; no other transaction changes it before this one
   * ends. A state without a row may not be lockable: then `save` finds out.
   */
  readonly lock: (client: Client, id: string, command: Command) => Promise<State>;
  /**
   * Writes one step, and puts into the outbox what others learn of it.
   * @returns false, with nothing written, when the state has got a row meanwhile: the command is decided again, on that
   */
  readonly save: (client: Client, step: Step<State, Happened>) => Promise<boolean>;
  /** The decision about a command whose cause came before. */
  readonly repeated: Decision;
  /** The version by which callers know a state; undefined where there is none yet. @default there are no versions */
  readonly versionOf?: (state: State) => number | undefined;
  /** True where a command that changes nothing succeeds at any version: then a request may come again. @default false */
  readonly isRepeatable?: boolean;
}

/** Decides and saves. Its callers translate what it returns and throws. */
export interface CommandHandler<State, Command, Decision> {
  /**
   * What is refused or impossible leaves nothing behind, not even the mark of its cause: that may come again.
   * @throws AppError `changed-meanwhile` when the state is at none of the versions that the command was meant for
   */
  handle(id: string, command: Command, circumstances?: Circumstances): Promise<Decided<State, Decision>>;
  /** The same in the caller's transaction, for a state that it has locked. */
  handleLocked(client: Client, id: string, state: State, command: Command): Promise<Decided<State, Decision>>;
}

/** A row that appears can be locked at the next try; only a row that is deleted again and again needs more tries. */
const TRY_COUNT_MAX = 4;

/** Rolls the transaction back, with what was decided. */
class NotTaken extends Error {
  readonly decided: unknown;

  constructor(decided: unknown) {
    super('refused or impossible');
    this.decided = decided;
  }
}

/** Handles the commands to one kind of state. */
export function createCommandHandler<State, Command, Happened, Decision extends AnyDecision<Happened>>(
  parts: CommandHandlerParts<State, Command, Happened, Decision>,
): CommandHandler<State, Command, Decision> {
  const { pool, process, lock, repeated } = parts;
  const inbox = ({ from, eventId }: Cause) =>
    [schemaOf(process), `${process.name}-${from}`, eventId] as const;
  return {
    handle: (id, command, { cause, versions } = {}) =>
      inTransaction(pool, async (client): Promise<Decided<State, Decision>> => {
        const isRepeated = cause !== undefined && !(await takeOnce(client, ...inbox(cause)));
        const state = await lock(client, id, command);
        if (isRepeated) return { decision: repeated, state };
        const decided = await decideAndSave(client, parts, id, state, command, versions);
        const { kind } = decided.decision;
        if (kind === 'refused' || kind === 'impossible') throw new NotTaken(decided);
        return decided;
      }).catch((error: unknown) => {
        if (error instanceof NotTaken) return error.decided as Decided<State, Decision>;
        throw error;
      }),
    handleLocked: (client, id, state, command) => decideAndSave(client, parts, id, state, command),
  };
}

async function decideAndSave<State, Command, Happened, Decision extends AnyDecision<Happened>>(
  client: Client,
  parts: CommandHandlerParts<State, Command, Happened, Decision>,
  id: string,
  locked: State,
  command: Command,
  versions?: readonly number[],
): Promise<Decided<State, Decision>> {
  const { decide, lock, versionOf, isRepeatable = false } = parts;
  let state = locked;
  for (let tries = 0; tries < TRY_COUNT_MAX; tries += 1) {
    const decision = decide(command, state);
    const version = versionOf?.(state);
    const isMeant = version === undefined || isMatch(versions, version);
    if (!isMeant && (decision.kind === 'happened' || !isRepeatable)) throw changedMeanwhile();
    if (decision.kind !== 'happened') return { decision, state };
    const saved = await saveEvents(client, parts, id, state, decision.events);
    if (saved) return { decision, state: saved.state };
    state = await lock(client, id, command);
  }
  throw new AppError('state-contended', 'a state without a row could not be saved, and still has none', {
    id,
  });
}

/** Undefined, with nothing written, when the state has got a row meanwhile. */
async function saveEvents<State, Happened>(
  client: Client,
  { evolve, save }: Pick<CommandHandlerParts<State, never, Happened, never>, 'evolve' | 'save'>,
  id: string,
  locked: State,
  events: readonly Happened[],
): Promise<{ readonly state: State } | undefined> {
  let state = locked;
  for (const event of events) {
    const after = evolve(state, event);
    const isSaved = await save(client, { id, before: state, event, after });
    if (!isSaved && state === locked) return undefined;
    if (!isSaved) throw new AppError('state-contended', 'a state was changed without its lock', { id });
    state = after;
  }
  return { state };
}
