// Dead letters compared: the log against Cloud SQL, and Cloud SQL against the dead-letter topic.

import { BODY_LEFT_OUT } from './dead-letter-topic.ts';
import { type Allowances, liveParts, retiredTopics, type TopicObserved } from './observed.ts';
import type { ExpectedLetter } from './oracle.ts';
import type { Findings } from './report.ts';
import type { Letter } from './topic-state.ts';

const describeLetter = (letter: ExpectedLetter | undefined): string =>
  letter ? `${letter.reason}, value ${letter.digest.slice(0, 12) || 'null'}` : 'no dead letter';

/** One for each refused offset, with the same reason and the same bytes. */
export function compareLetters(observed: TopicObserved, { differences }: Findings): void {
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
export function compareLetterTopic(
  observed: TopicObserved,
  allowances: Allowances,
  findings: Findings,
): void {
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
