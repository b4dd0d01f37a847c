// Fields that the version of a chart has and the packages with the types do not know yet. `npm run test:cluster` has an API server judge
// them by the chart's own definitions. One that no object has, or that the types know by now, fails.
import type { Placed } from '../content.ts';

interface NewerField {
  readonly kind: string;
  readonly field: string;
  /** Its source, and the day of the look-up. */
  readonly source: string;
}

export const NEWER_FIELDS: readonly NewerField[] = [
  {
    kind: 'SecretStore',
    field: 'sessionTagsPolicy',
    source:
      'external-secrets v2.9.0, config/crds/bases/external-secrets.io_secretstores.yaml, looked up on 2026-11-28; its default, which would be drift if it were not written',
  },
];

/** Whether the compiler's complaint is about such a field. */
const excuses = ({ kind, field }: NewerField, { object }: Placed, text: string): boolean =>
  object.kind === kind && text.includes(`'"${field}"' does not exist`);

/** What is left of the complaints of the compiler. */
export const unexcused = (
  faults: ReadonlyMap<Placed, readonly string[]>,
  fields = NEWER_FIELDS,
): ReadonlyMap<Placed, readonly string[]> =>
  new Map(
    [...faults]
      .map(
        ([placed, texts]) =>
          [placed, texts.filter((text) => !fields.some((one) => excuses(one, placed, text)))] as const,
      )
      .filter(([, texts]) => texts.length > 0),
  );

export const staleFields = (
  faults: ReadonlyMap<Placed, readonly string[]>,
  fields = NEWER_FIELDS,
): NewerField[] =>
  fields.filter(
    (one) => ![...faults].some(([placed, texts]) => texts.some((text) => excuses(one, placed, text))),
  );
