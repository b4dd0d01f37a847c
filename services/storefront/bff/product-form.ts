// The form of a product: texts in, facts or words at each field out. An edited form also carries which version it shows and a digest of
// each fact as it was: so a change sends what its writer has changed and nothing else, and a conflict can say what others have.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { amountField, CURRENCY_DIGITS, isSameMoney, moneyText, readAmount } from '#contracts/money.ts';
import { PRICE_MINOR_MAX } from '#contracts/products.ts';
import { DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX } from '../pages/seller/limits.ts';
import type { ProductFacts, SellerProduct } from './seller.ts';

/** Of the longest description, where each character takes nine bytes of a form, and the rest of the fields. */
export const PRODUCT_FORM_BYTES_MAX = 64 * 1_024;
export const CURRENCY_DEFAULT = 'EUR';

/** Texts of the fields. */
export interface ProductFields {
  readonly name: string;
  readonly description: string;
  readonly categoryId: string;
  readonly price: string;
  readonly currency: string;
}
type Faults = Partial<Record<keyof ProductFields, string>>;

const text = (charsMax: number) => z.string().max(charsMax).catch('');
const fields = z.object({
  name: text(NAME_CHARS_MAX * 2),
  // Browsers send line ends as CR LF.
  description: text(DESCRIPTION_CHARS_MAX * 2).transform((sent) => sent.replaceAll('\r\n', '\n')),
  categoryId: text(64),
  price: text(40),
  currency: text(3),
});

export const readProductFields = (body: unknown): ProductFields => fields.parse(body ?? {});

export const fieldsOf = ({ name, description, categoryId, price }: ProductFacts): ProductFields => ({
  name,
  description,
  categoryId,
  price: amountField(price),
  currency: price.currency,
});

/** What the fields say, or what is wrong with them. */
export function readFacts(
  sent: ProductFields,
  categoryIds: readonly string[],
): { readonly facts: ProductFacts } | { readonly faults: Faults } {
  const name = sent.name.trim();
  const amountMinor = readAmount(sent.price, sent.currency);
  const faults: Faults = {
    ...(isText(name, 1, NAME_CHARS_MAX)
      ? {}
      : { name: `Please write a name of at most ${NAME_CHARS_MAX} characters.` }),
    ...(isText(sent.description, 0, DESCRIPTION_CHARS_MAX)
      ? {}
      : { description: `Please write at most ${DESCRIPTION_CHARS_MAX.toLocaleString('en')} characters.` }),
    ...(categoryIds.includes(sent.categoryId) ? {} : { categoryId: 'Please choose a category.' }),
    ...(CURRENCY_DIGITS.has(sent.currency) ? {} : { currency: 'Please choose a currency.' }),
    ...priceFault(amountMinor, sent.currency),
  };
  if (Object.keys(faults).length > 0 || amountMinor === undefined) return { faults };
  const { description, categoryId, currency } = sent;
  return { facts: { name, description, categoryId, price: { amountMinor, currency } } };
}

/** Postgres stores no NUL in a text. */
const isText = (given: string, charsMin: number, charsMax: number): boolean =>
  given.length >= charsMin && given.length <= charsMax && !given.includes('\0');

function priceFault(amountMinor: number | undefined, code: string): Pick<Faults, 'price'> {
  if (amountMinor === undefined) {
    const example = amountField({ amountMinor: 4_900, currency: code });
    return { price: `Please write a price such as ${example}, without signs and thousands.` };
  }
  if (amountMinor > PRICE_MINOR_MAX) return { price: 'That is more than an order can add up.' };
  return {};
}

/** Whether the shop sells it counts too: another seller may have retired it meanwhile. */
type Fact = keyof ProductFacts | 'isActive';
const FACTS = ['name', 'description', 'categoryId', 'price', 'isActive'] as const satisfies readonly Fact[];
const LABELS: ReadonlyMap<Fact, string> = new Map<Fact, string>([
  ['name', 'Name'],
  ['description', 'Description'],
  ['categoryId', 'Category'],
  ['price', 'Price'],
  ['isActive', 'In the shop'],
]);

/** What the hidden fields carry: the version that the form shows, and a digest of each fact of it. */
export interface Basis {
  readonly version: string;
  readonly seen: string;
}
const basis = z.object({
  version: z.string().regex(/^[1-9]\d{0,9}$/),
  seen: z.string().regex(/^[0-9a-f]{16}(\.[0-9a-f]{16}){4}$/),
});

/** Undefined for what no page of the shop has sent. */
export const readBasis = (body: unknown): Basis | undefined => basis.safeParse(body).data;

export const basisOf = (product: SellerProduct): Basis => ({
  version: String(product.version),
  seen: FACTS.map((fact) => digestOf(product[fact])).join('.'),
});

const digestOf = (value: SellerProduct[Fact]): string => {
  const said = typeof value === 'object' ? `${value.amountMinor} ${value.currency}` : String(value);
  return createHash('sha256').update(said).digest('hex').slice(0, 16);
};

/** Whether a fact was the same when the form was filled. */
const isAsSeen = ({ seen }: Basis, fact: Fact, value: SellerProduct[Fact]): boolean =>
  seen.split('.')[FACTS.indexOf(fact)] === digestOf(value);

/** What the writer of the form has changed. */
export function changesOf(facts: ProductFacts, since: Basis): Partial<ProductFacts> {
  const changed = Object.entries(facts).filter(
    ([fact, value]) => !isAsSeen(since, fact as Fact, value as SellerProduct[Fact]),
  );
  return Object.fromEntries(changed);
}

/** A field that another seller has changed meanwhile. */
export interface ConflictLine {
  readonly label: string;
  /** As the shop has it now. */
  readonly now: string;
  /** As the writer wants it; missing where they have not touched it. */
  readonly yours?: string | undefined;
}

/** A change that came second: what others have changed, and the form to send again. */
export interface Conflict {
  readonly lines: readonly ConflictLine[];
  readonly fields: ProductFields;
  /** Nothing of the writer's is left to save. */
  readonly isSettled: boolean;
}

/** The writer's changes over the product as it is now. */
export function mergeChanges(
  current: SellerProduct,
  changes: Partial<ProductFacts>,
  since: Basis,
  inWords: (fact: Fact, value: SellerProduct[Fact]) => string,
): Conflict {
  const lines = FACTS.filter((fact) => !isAsSeen(since, fact, current[fact])).map((fact) => {
    const yours = fact === 'isActive' ? undefined : changes[fact];
    return {
      label: LABELS.get(fact)!,
      now: inWords(fact, current[fact]),
      yours: yours === undefined || isSame(yours, current[fact]) ? undefined : inWords(fact, yours),
    };
  });
  const isSettled = Object.entries(changes).every(([fact, value]) =>
    isSame(value, current[fact as keyof ProductFacts]),
  );
  return { lines, fields: fieldsOf({ ...factsOf(current), ...changes }), isSettled };
}

const factsOf = ({ name, description, categoryId, price }: SellerProduct): ProductFacts => ({
  name,
  description,
  categoryId,
  price,
});

const isSame = (one: SellerProduct[Fact], other: SellerProduct[Fact]): boolean =>
  typeof one === 'object' && typeof other === 'object' ? isSameMoney(one, other) : one === other;

/** A fact in words; categories go by their names. */
export const factWords =
  (locale: string, nameOfCategory: (categoryId: string) => string) =>
  (fact: Fact, value: SellerProduct[Fact]): string => {
    if (typeof value === 'object') return moneyText(value, locale);
    if (typeof value === 'boolean') return value ? 'yes' : 'no, it was taken off';
    if (fact === 'categoryId') return nameOfCategory(value);
    return value === '' ? 'nothing' : value;
  };
