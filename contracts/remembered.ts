// What is dear to make and cheap to keep, such as the formats of Intl. The keys may be strangers' own (the languages of browsers): so
// there is a limit, and when it is reached everything is made anew.

const KEPT_MAX = 500;

/** Makes each once for the same texts. */
export function remembered<Keys extends (string | number)[], Made>(
  make: (...keys: Keys) => Made,
): (...keys: Keys) => Made {
  const kept = new Map<string, Made>();
  return (...keys) => {
    const key = keys.join('\0');
    const found = kept.get(key);
    if (found !== undefined) return found;
    if (kept.size >= KEPT_MAX) kept.clear();
    const made = make(...keys);
    kept.set(key, made);
    return made;
  };
}
