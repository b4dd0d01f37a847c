// The log against Cloud SQL: totals of every partition and window, counters, dead letters, and whether all was read.
import type { Letter, PartState } from './cloud-sql.ts';
import { BODY_LEFT_OUT } from './dead-letter-topic.ts';
import { type Allowances, type Observed, retiredTopics } from './observed.ts';
import type { ExpectedLetter, PartitionCount } from './oracle.ts';
import { describeTotals, type Findings, sameTotals, windowName } from './report.ts';
import { type WindowFacts, windowKey } from './window-facts.ts';

type Windows = ReadonlyMap<string, WindowFacts>;

export function compareLog(
  observed: Observed,
  allowances: Allowances,
  windows: Windows,
  findings: Findings,
): void {
  comparePositions(observed, findings);
  compareRows(observed, windows, findings);
  compareLetters(observed, findings);
  compareLetterTopic(observed, allowances, findings);
}

const liveParts = ({ snapshot }: Observed): PartState[] =>
  snapshot.parts.filter(({ isRetired }) => !isRetired);

function comparePositions(observed: Observed, { differences, pending }: Findings): void {
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

function compareCounters(
  state: PartState,
  count: PartitionCount,
  differences: Findings['differences'],
): void {
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

const describeLetter = (letter: ExpectedLetter | undefined): string =>
  letter ? `${letter.reason}, value ${letter.digest.slice(0, 12) || 'null'}` : 'no dead letter';

/** One for each refused offset, with the same reason and the same bytes. */
function compareLetters(observed: Observed, { differences }: Findings): void {
  const retired = retiredTopics(observed.snapshot);
  const stored = new Map(
    observed.snapshot.letters
      .filter(({ topicId }) => !retired.has(topicId))
      .map((letter) => [`${letter.part}/${letter.offset}`, letter]),
  );
  const expected = new Map<string, ExpectedLetter>();
  for (const [part, { letters }] of observed.counted)
    for (const [offset, letter] of letters) expected.set(`${part}/${offset}`, letter);
  for (const key of new Set([...stored.keys(), ...expected.keys()])) {
    const [wanted, actual] = [expected.get(key), stored.get(key)];
    if (wanted && actual && wanted.reason === actual.reason && wanted.digest === actual.digest) continue;
    differences.push({
      where: 'cloud-sql dead letters',
      key: `partition/offset ${key}`,
      expected: describeLetter(wanted),
      actual: describeLetter(actual),
    });
  }
}

/** Each published letter is there at least once, whole; and none is there of an offset that was not refused. */
function compareLetterTopic(observed: Observed, allowances: Allowances, findings: Findings): void {
  const { snapshot, letters: published } = observed;
  const idOf = ({ topicId, part, offset }: Letter): string => `${topicId}/${part}/${offset}`;
  const differ = (key: string, expected: string, actual: string): void => {
    findings.differences.push({ where: 'dead-letter topic', key, expected, actual });
  };
  const known = new Set(snapshot.letters.map(idOf));
  for (const letter of snapshot.letters) {
    const digests = published.get(idOf(letter));
    if (!letter.isPublished) {
      const dueMs = letter.recordedMs + allowances.openMsMax;
      findings.pending.push({
        where: 'dead-letter topic',
        key: idOf(letter),
        why: 'not published yet',
        dueMs,
      });
    } else if (letter.recordedMs < allowances.nowMs - allowances.letterRetentionMs) continue;
    else if (!digests) differ(idOf(letter), 'at least one record', 'none');
    for (const digest of digests ?? []) {
      if (digest === letter.digest || digest === BODY_LEFT_OUT) continue;
      differ(
        idOf(letter),
        `value ${letter.digest.slice(0, 12) || 'null'}`,
        `value ${digest.slice(0, 12) || 'null'}`,
      );
    }
  }
  const live = new Map(liveParts(observed).map((state) => [`${state.topicId}/${state.part}`, state]));
  for (const id of published.keys()) {
    const at = id.lastIndexOf('/');
    const state = live.get(id.slice(0, at));
    // Behind the snapshot's position: a letter of later.
    if (known.has(id) || !state || Number(id.slice(at + 1)) >= state.nextOffset) continue;
    differ(id, 'no record: the offset is no dead letter', 'a record');
  }
}
