// The language of a browser as Intl takes it. Headers are hostile: what is no language is passed over.
import { remembered } from '#contracts/remembered.ts';

/** The first that Intl knows, or English. */
export const localeOf = (acceptLanguage: string | undefined): string =>
  firstKnown((acceptLanguage ?? '').slice(0, 200));

const firstKnown = remembered((languages: string): string => {
  for (const part of languages.split(',')) {
    const tag = part.split(';')[0]!.trim().replace(/@.*$/, '');
    try {
      const [known] = Intl.NumberFormat.supportedLocalesOf(tag);
      if (known) return known;
    } catch {
      // Not a language tag: `*`, or nonsense.
    }
  }
  return 'en';
});
