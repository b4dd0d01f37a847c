// If-Match and If-None-Match (RFC 9110 §13.1.1, §13.1.2): headers in, versions and verdicts out. Our ETags are `"<version>"`.
import { changedMeanwhile } from '../versions.ts';
import { Problem } from './problem.ts';

interface EntityTag {
  readonly isWeak: boolean;
  /** Between the quotes; may hold a comma. */
  readonly opaque: string;
}

/** `[entity-tag] OWS ("," | end)`: empty elements of a list are allowed (RFC 9110 §5.6.1.2), and tags have these characters. */
const ELEMENT = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(,|$)/y;
/** Versions are int4 columns: a greater number was never given. */
const VERSION_MAX = 2_147_483_647;

/** The tags of a header, `*` for any; undefined for what is neither. */
export function readTags(header: string): readonly EntityTag[] | '*' | undefined {
  if (header.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  ELEMENT.lastIndex = 0;
  for (let isEnd = false; !isEnd; ) {
    const element = ELEMENT.exec(header);
    if (!element) return undefined;
    if (element[2] !== undefined) tags.push({ isWeak: element[1] !== undefined, opaque: element[2] });
    isEnd = element[3] === '';
  }
  return tags.length > 0 ? tags : undefined;
}

/**
 * The versions of If-Match; undefined where any will do.
 * @throws Problem 428 without the header where it is required, 400 for what is none; AppError `changed-meanwhile` where no tag of it can
 *   match: a weak one never does (RFC 9110 §13.1.1), nor one that we did not give
 */
export function readIfMatch(
  header: string | undefined,
  need: 'required' | 'optional',
): readonly number[] | undefined {
  if (header === undefined) {
    if (need === 'optional') return undefined;
    throw new Problem(428, 'if-match-required', 'Send If-Match with the ETag that you last saw.');
  }
  const tags = readTags(header);
  if (tags === '*') return undefined;
  if (tags === undefined) {
    const detail = 'Send If-Match as ETags with their quotes, divided by commas, such as "7" or "7", "8".';
    throw new Problem(400, 'if-match-invalid', detail);
  }
  const versions = tags.flatMap(({ isWeak, opaque }) =>
    !isWeak && /^(0|[1-9]\d{0,9})$/.test(opaque) && Number(opaque) <= VERSION_MAX ? [Number(opaque)] : [],
  );
  if (versions.length === 0) throw changedMeanwhile();
  return versions;
}

/** Whether If-None-Match names this ETag; for reading, weak tags count too. What is no list of tags is not read. */
export function isNamed(header: string, etag: string): boolean {
  if (header === etag) return true;
  const tags = readTags(header);
  return tags === '*' || (tags ?? []).some(({ opaque }) => `"${opaque}"` === etag);
}
