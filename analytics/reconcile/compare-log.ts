// The log against Cloud SQL: totals of every partition and window, counters, dead letters, and whether all was read.

import { compareLetters, compareLetterTopic } from './compare-letters.ts';
import { type Allowances, liveParts, type Observed, retiredTopics, type TopicObserved } from './observed.ts';
import type { PlainCount } from './oracle.ts';
import { describeTotals, type Findings, sameTotals, windowName } from './report.ts';
import type { PartState } from './topic-state.ts';
import { type WindowFacts, windowKey } from './window-facts.ts';

type Windows = ReadonlyMap<string, WindowFacts>;

export function compareLog(
  observed: Observed,
  allowances: Allowances,
  windows: Windows,
  findings: Findings,
): void {
  compareRows(observed, windows, findings);
  compareTopic(observed, allowances, findings);
}

/** What holds of every topic that is counted: all was read, and each refused record became one dead letter. */
export function compareTopic(observed: TopicObserved, allowances: Allowances, findings: Findings): void {
  comparePositions(observed, findings);
  compareLetters(observed, findings);
  compareLetterTopic(observed, allowances, findings);
}

function comparePositions(observed: TopicObserved, { differences, pending }: Findings): void {
  const states = new Map(liveParts(observed).map((state) => [state.part, state]));
  for (const { part, earliest, end } of observed.ends) {
    const state = states.get(part);
    const position = state?.nextOffset ?? earliest;
    if (position < end) {
      const why = `committed up to ${position}, the log reached ${end} when the look began`;
      pending.push({ where: 'cloud-sql position', key: `partition ${part}`, why });
    }
    if (state && state.firstOffset > earliest)
      differences.push({
        where: 'cloud-sql position',
        key: `partition ${part} first_offset`,
        expected: `at most ${earliest}, where the log begins`,
        actual: String(state.firstOffset),
      });
  }
  for (const state of states.values()) {
    const count = observed.counted.get(state.part);
    if (count) compareCounters(state, count, differences);
  }
}

function compareCounters(state: PartState, count: PlainCount, differences: Findings['differences']): void {
  const read = count.events + count.letters.size + count.repeats;
  const pairs: [string, number | undefined, number | undefined][] = [
    ['events', count.events, state.events],
    ['dead_letters', count.letters.size, state.deadLetters],
    ['repeats', count.repeats, state.repeats],
    ['absent', state.nextOffset - state.firstOffset - read, state.absent],
    ['max_ts', count.maxTimeMs, state.maxTimeMs],
  ];
  for (const [name, expected, actual] of pairs) {
    if (expected === actual) continue;
    const key = `partition ${state.part} ${name}`;
    differences.push({
      where: 'cloud-sql counters',
      key,
      expected: String(expected),
      actual: String(actual),
    });
  }
}

function compareRows(observed: Observed, windows: Windows, { differences }: Findings): void {
  const { snapshot, counted } = observed;
  const retired = retiredTopics(snapshot);
  const live = new Map(liveParts(observed).map((state) => [`${state.topicId}/${state.part}`, state]));
  const found = new Set<string>();
  for (const row of snapshot.rows) {
    if (retired.has(row.topicId)) continue;
    const key = windowKey(row.windowStartMs, row.label);
    const isLive = live.has(`${row.topicId}/${row.part}`);
    const expected = isLive ? counted.get(row.part)?.totals.get(key) : undefined;
    if (isLive) found.add(`${row.part} ${key}`);
    if (expected && sameTotals(expected, row)) continue;
    differences.push({
      where: 'cloud-sql totals',
      key: `${windowName(row.windowStartMs, row.label)} partition ${row.part}`,
      expected: describeTotals(expected),
      actual: describeTotals(row),
    });
  }
  for (const [part, count] of counted) {
    for (const [key, totals] of count.totals) {
      if (found.has(`${part} ${key}`) || windows.get(key)?.isPurged) continue;
      differences.push({
        where: 'cloud-sql totals',
        key: `${windowName(totals.windowStartMs, totals.label)} partition ${part}`,
        expected: describeTotals(totals),
        actual: 'nothing',
      });
    }
  }
}
