// In: the text that a person typed into the search. Out: a text for Postgres' own parser. Pure. `websearch_to_tsquery` keeps its operators on
// a stack of 32, and a dash stays there until a word comes: a run of dashes, or of dashes and signs that are no words, fails with
// "tsquery stack too small" (15.18, 17.10).

/** Dashes, then a phrase, which may lack its end, or a word. */
const TERM = /(-*)(?:"([^"]*)"?|([^\s"-][^\s"]*))/g;
/** Without one of these nothing can be found by it. */
const LETTER = /[\p{L}\p{N}]/u;
/** Far below the stack, and more than anybody means. */
const DASHES_MAX = 10;

/**
 * The same words, phrases, `or` and `-not`, each with one dash at most. A dash that stands alone is none: nobody who types
 * "tea - green" means that there should be no green.
 */
export function searchWords(typed: string): string {
  let dashesCount = 0;
  const terms: string[] = [];
  for (const [, dashes, phrase, word = ''] of typed.matchAll(TERM)) {
    if (!LETTER.test(phrase ?? word)) continue;
    if (dashes) dashesCount += 1;
    if (dashes && dashesCount > DASHES_MAX) continue;
    terms.push(`${dashes ? '-' : ''}${phrase === undefined ? word : `"${phrase}"`}`);
  }
  return terms.join(' ');
}
