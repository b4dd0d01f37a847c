// What a rule about references is: what an object names is there.
import type { Content, Placed } from '../content.ts';
import { type Finding, firstOf, type Rule } from './rule.ts';

/** A reference that may lead nowhere. */
export interface Reference {
  readonly at: Placed;
  readonly field: string;
  /** Why it leads nowhere; nothing where it does not. */
  readonly fault?: string | undefined;
}

interface ReferenceRule extends Pick<Rule, 'id' | 'title' | 'remedy' | 'breaks'> {
  readonly references: (content: Content) => Reference[];
}

/** A rule about each reference. */
export function referenceRule({ references, ...rest }: ReferenceRule): Rule {
  return {
    ...rest,
    judges: (content) => references(content).length,
    find: (content) =>
      references(content).flatMap(({ fault, ...place }): Finding[] =>
        fault ? [{ ...place, text: fault }] : [],
      ),
  };
}

export const namespaceOf = ({ object }: Placed): string => object.metadata.namespace ?? '';

export type Fields = Record<string, unknown>;

/** Of the first object of a kind, to break it. */
export const specOf = (content: Content, kind: string): Fields =>
  firstOf(content.all(kind), kind).object.spec as Fields;
