// Every rule over every object of every overlay in Git; and each rule over a copy that breaks it.
import { describe, expect, it } from '@jest/globals';
import { OVERLAYS_FOLDER, overlaysIn, readContent } from './content.ts';
import { faultsOf, lineOf, type Rule } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { staleWaivers, unwaived } from './rules/waivers.ts';

/** That of a laptop first: it has most, and what is broken is broken there where it can be. */
const CONTENTS = overlaysIn(OVERLAYS_FOLDER)
  .map((overlay) => readContent(OVERLAYS_FOLDER, overlay))
  .toSorted((one, other) => Number(other.overlay === 'local') - Number(one.overlay === 'local'));
const faultsIn = (rule: Rule) => CONTENTS.flatMap((content) => faultsOf(rule, content));

/** Less than this and something was not rendered: a spec that reads nothing finds no fault. */
const OBJECTS_MIN = new Map([
  ['local', 200],
  ['aws-dev', 140],
  ['aws-staging', 140],
  ['aws-prod', 140],
]);

describe.each(CONTENTS.map((content) => [content.overlay, content] as const))('%s', (overlay, content) => {
  it.each(RULES.map((rule) => [rule.title, rule] as const))('%s', (_title, rule) => {
    expect(unwaived(faultsOf(rule, content)).map(lineOf)).toEqual([]);
  });

  it('has at least as many objects as expected', () => {
    expect(content.placed.length).toBeGreaterThanOrEqual(OBJECTS_MIN.get(overlay) ?? Infinity);
  });
});

describe('each rule', () => {
  it('has an id that no other has', () => {
    const ids = RULES.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it.each(RULES.map((rule) => [rule.id, rule] as const))('%s judges something', (_id, rule) => {
    expect(CONTENTS.some((content) => rule.judges(content) > 0)).toBe(true);
  });

  const controls = RULES.flatMap((rule) => rule.breaks.map((breakage) => ({ rule, breakage })));
  it.each(controls.map((control) => [control.rule.id, control.breakage.what, control] as const))(
    'negative control: %s reports %s',
    (_id, _what, { rule, breakage }) => {
      // Of the overlays, one that has what the breakage needs.
      const content = CONTENTS.find((one) => rule.judges(one) > 0)!;
      const before = new Set(faultsOf(rule, content).map(lineOf));
      const broken = content.copy();
      breakage.on(broken);
      expect(
        faultsOf(rule, broken)
          .map(lineOf)
          .filter((line) => !before.has(line)),
      ).not.toEqual([]);
    },
  );
});

describe('waivers', () => {
  it('are of faults that there are, with a reason', () => {
    expect(staleWaivers(RULES.flatMap(faultsIn))).toEqual([]);
  });

  it('excuse one rule for one object', () => {
    const fault = {
      rule: 'non-root',
      overlay: 'local',
      object: 'Deployment shop/cart',
      field: 'x',
      text: 'y',
    };
    const waiver = {
      rule: 'non-root',
      object: /^Deployment shop\/cart$/,
      reason: 'a reason that is long enough',
    };
    expect(unwaived([fault], [waiver])).toEqual([]);
    expect(unwaived([{ ...fault, rule: 'other' }], [waiver])).toHaveLength(1);
    expect(unwaived([{ ...fault, object: 'Deployment shop/order' }], [waiver])).toHaveLength(1);
    expect(unwaived([fault], [{ ...waiver, field: /^y$/ }])).toHaveLength(1);
    expect(unwaived([fault], [{ ...waiver, overlays: /^aws-/ }])).toHaveLength(1);
    expect(staleWaivers([{ ...fault, rule: 'other' }], [waiver])).toEqual([waiver]);
  });
});
