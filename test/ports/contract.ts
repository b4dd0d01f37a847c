// What a port promises, as rules that are put to the real thing and to its fake alike: so a fake in a unit spec cannot promise more.
import { it } from '@jest/globals';

/** Each rule by its name; it gets something fresh to try and throws where that breaks it. */
export type Contract<Tried> = readonly (readonly [rule: string, holds: (tried: Tried) => Promise<void>])[];

/** A test for each rule. */
export function itKeeps<Tried>(contract: Contract<Tried>, open: () => Tried | Promise<Tried>): void {
  for (const [rule, holds] of contract) it(rule, async () => holds(await open()));
}

/** The rules that it breaks: for the negative control, something that is broken on purpose. */
export async function brokenRules<Tried>(contract: Contract<Tried>, open: () => Tried): Promise<string[]> {
  const broken: string[] = [];
  for (const [rule, holds] of contract) await holds(open()).catch(() => broken.push(rule));
  return broken;
}
