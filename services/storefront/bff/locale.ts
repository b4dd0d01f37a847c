// The language of a browser as Intl takes it. Headers are hostile: what is no language is passed over.

/** The first that Intl knows, or English. */
export function localeOf(acceptLanguage: string | undefined): string {
  for (const part of (acceptLanguage ?? '').slice(0, 200).split(',')) {
    const tag = part.split(';')[0]!.trim().replace(/@.*$/, '');
    try {
      const [known] = Intl.NumberFormat.supportedLocalesOf(tag);
      if (known) return known;
    } catch {
      // Not a language tag: `*`, or nonsense.
    }
  }
  return 'en';
}
