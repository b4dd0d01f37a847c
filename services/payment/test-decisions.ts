// Decisions about payments in a form that specs can compare.
import { type Command, decide, evolve, type OrderMoney } from './domain.ts';

/** The kinds of the events; after `-` why the command was ignored, after `!` why it was refused. */
export function describeDecision(command: Command, state: OrderMoney): string {
  const decision = decide(command, state);
  if (decision.kind === 'happened') return decision.events.map(({ kind }) => kind).join(' ');
  return `${decision.kind === 'ignored' ? '-' : '!'}${decision.why}`;
}

/** The state that a command leads to. */
export const after = (state: OrderMoney, command: Command): OrderMoney => {
  const decision = decide(command, state);
  return decision.kind === 'happened' ? decision.events.reduce(evolve, state) : state;
};
