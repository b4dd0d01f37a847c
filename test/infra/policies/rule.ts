// What a policy is, and the two shapes that most have: an attribute with a wanted value, a companion that must be there.

import type { Block } from '../blocks.ts';
import { listAt, putAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';

export interface Rule {
  /** Public: of Checkov where it knows the rule (`CKV…`), else our own (`SHOP…`). */
  readonly id: string;
  /** As a sentence about the resource: `keeps older versions`. */
  readonly title: string;
  /** Types of the blocks that it judges. */
  readonly types: readonly string[];
  /** @default every block of the types */
  readonly judges?: (block: Block, model: Model) => boolean;
  /** What is wrong, in words; nothing where all is well. */
  readonly check: (block: Block, model: Model) => string | undefined;
  /** Changes a copy of the real platform, so that this rule must complain; where there are several, of each alone. */
  readonly breaks: Breakage | readonly Breakage[];
  /** Rules that must complain of the same change. @default none */
  readonly alsoBreaks?: readonly string[];
}

export type Breakage = (model: Model) => void;

/** One resource that breaks one rule. */
export interface Fault {
  readonly rule: string;
  readonly address: string;
  readonly text: string;
}

/** What a rule applies to. */
export const judgedBy = (rule: Rule, model: Model): Block[] =>
  model.all(...rule.types).filter((block) => rule.judges?.(block, model) ?? true);

export const faultsOf = (rule: Rule, model: Model): Fault[] =>
  judgedBy(rule, model).flatMap((block) => {
    const text = rule.check(block, model);
    return text ? [{ rule: rule.id, address: block.address, text }] : [];
  });

type Value = string | number | boolean;

interface AttributeRule extends Pick<Rule, 'id' | 'title' | 'judges' | 'alsoBreaks'> {
  readonly type: string;
  /** `settings.ip_configuration.ipv4_enabled` */
  readonly path: string;
  readonly wanted: Value | readonly Value[] | ((value: unknown, block: Block, model: Model) => boolean);
  /** A value that breaks the rule. */
  readonly bad: unknown;
}

/** An attribute must have one of the wanted values. What is not written down is a fault: defaults of a cloud change. */
export function attributeRule({ type, path, wanted, bad, ...rest }: AttributeRule): Rule {
  const types = [type];
  const isWanted = (value: unknown, block: Block, model: Model) =>
    typeof wanted === 'function' ? wanted(value, block, model) : [wanted].flat().includes(value as Value);
  return {
    ...rest,
    types,
    check(block, model) {
      const value = valueAt(block.body, path);
      return isWanted(value, block, model) ? undefined : `${path} is ${JSON.stringify(value)}`;
    },
    breaks: (model) => putAt(firstJudged({ ...rest, types }, model).body, path, bad),
  };
}

/** @throws when there is none: the rule then proves nothing */
export function firstJudged(rule: Pick<Rule, 'types' | 'judges'>, model: Model): Block {
  const found = model.all(...rule.types).find((block) => rule.judges?.(block, model) ?? true);
  if (!found) throw new Error(`there is no ${rule.types.join(', ')} to break`);
  return found;
}

export const first = (model: Model, type: string): Block => firstJudged({ types: [type] }, model);

interface CompanionRule extends Pick<Rule, 'id' | 'title' | 'alsoBreaks'> {
  readonly type: string;
  /** Type of the block that belongs to it. */
  readonly companion: string;
  /** Where the companion names the block. */
  readonly by: string;
  /** What must hold of the companion, in words where it does not. */
  readonly check?: (companion: Block, model: Model, block: Block) => string | undefined;
  /** @default the companion is taken away */
  readonly breaks?: (companion: Block, model: Model) => void;
}

/** A block must have exactly one companion that names it: many settings are resources of their own. */
export function companionRule(rule: CompanionRule): Rule {
  const { type, companion, by, check, breaks, ...rest } = rule;
  const faultOf = (block: Block, model: Model): string | undefined => {
    const found = model.companions(block, companion, by);
    if (found.length !== 1) return `${found.length} ${companion} name it, not one`;
    return check?.(found[0]!, model, block);
  };
  return {
    ...rest,
    types: [type],
    check: faultOf,
    breaks(model) {
      // One that a waiver excuses would prove nothing.
      const whole = model.all(type).find((block) => !faultOf(block, model)) ?? first(model, type);
      const found = model.companions(whole, companion, by)[0];
      if (!found) throw new Error(`the first ${type} has no ${companion} to break`);
      if (breaks) breaks(found, model);
      else model.remove(found);
    },
  };
}

/** A block of the type is at the path, and nothing else. */
export const isOwn =
  (path: string, type: string) =>
  (_value: unknown, block: Block, model: Model): boolean =>
    model.targets(block, path, type).length === 1;

/** A KMS key of ours is at the path. */
export const isOwnKey = (path: string) => isOwn(path, 'aws_kms_key');

/** Every text at the path is among the wanted, and there is one at least. */
export const isSubset = (body: unknown, path: string, wanted: ReadonlySet<unknown>): boolean => {
  const values = listAt(body, path);
  return values.length > 0 && values.every((value) => wanted.has(value));
};
