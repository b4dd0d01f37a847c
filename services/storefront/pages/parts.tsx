// Parts that several pages use: amounts, photos, cards, fields, empty states.
import type { ComponentChildren } from 'preact';
import { type Money, moneyText } from '#contracts/money.ts';
import { remembered } from '#contracts/remembered.ts';
import type { Product } from '../bff/answers.ts';
import type { Faults } from './props.ts';

export const Amount = ({ value, locale }: { value: Money; locale: string }) => (
  <span class="amount">{moneyText(value, locale)}</span>
);

const timeFormatOf = remembered(
  (locale: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
);

/** In UTC; the script of the page turns it into the visitor's own time. */
export const OwnTime = ({ at, locale }: { at: string; locale: string }) => (
  <time class="hint" dateTime={at} data-locale={locale}>
    {timeFormatOf(locale).format(new Date(at))} UTC
  </time>
);

interface PhotoProps {
  readonly product: Product;
  /** As the attribute `sizes` takes it. */
  readonly sizes: string;
  /** Seen before anybody scrolls. */
  readonly isFirst?: boolean;
  /** Its name stands beside it. */
  readonly isNamed?: boolean;
}

/** The renditions that there are; a quiet placeholder while there is none. */
export function Photo({ product, sizes, isFirst = false, isNamed = false }: PhotoProps) {
  const { name } = product;
  const images = product.images.toSorted((one, other) => one.width - other.width);
  const largest = images.at(-1);
  if (!largest)
    return (
      <div class="photo photo-none" aria-hidden="true">
        <span>{name.slice(0, 1)}</span>
      </div>
    );
  return (
    <div class="photo">
      <img
        src={(images.find(({ width }) => width >= 480) ?? largest).url}
        srcset={images.map(({ url, width }) => `${url} ${width}w`).join(', ')}
        sizes={sizes}
        width={largest.width}
        height={largest.height}
        alt={isNamed ? '' : name}
        loading={isFirst ? 'eager' : 'lazy'}
        fetchpriority={isFirst ? 'high' : 'auto'}
        decoding="async"
      />
    </div>
  );
}

const CARD_SIZES = '(min-width: 70rem) 17rem, (min-width: 40rem) 33vw, 50vw';

export const Products = ({ products, locale }: { products: readonly Product[]; locale: string }) => (
  <ul class="grid" role="list">
    {products.map((product, index) => (
      <li class="card" key={product.productId}>
        <a href={`/products/${product.productId}`}>
          <Photo product={product} sizes={CARD_SIZES} isFirst={index < 4} isNamed />
          <h3>{product.name}</h3>
        </a>
        <p class="card-foot">
          <Amount value={product.price} locale={locale} />
          {product.availableCount === 0 && <span class="tag">Sold out</span>}
        </p>
      </li>
    ))}
  </ul>
);

export const Empty = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="empty">
    <h2>{title}</h2>
    {children}
  </section>
);

/** One type each: which other attributes an input takes follows from it. */
type InputKind =
  | { readonly type: 'text'; readonly inputmode?: 'decimal' | 'numeric' }
  | { readonly type: 'email' }
  | { readonly type: 'password' };

interface FieldProps {
  readonly name: string;
  readonly label: string;
  /** @default text */
  readonly kind?: InputKind;
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly autocomplete?: string;
  readonly isOptional?: boolean;
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  readonly faults: Faults;
}

export function Field({
  name,
  label,
  kind = { type: 'text' },
  value,
  hint,
  autocomplete,
  isOptional,
  lengthMin,
  lengthMax = 254,
  faults,
}: FieldProps) {
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  return (
    <div class="field">
      <label for={name}>
        {label}
        {isOptional && <span class="muted"> (optional)</span>}
      </label>
      <input
        id={name}
        name={name}
        {...kind}
        value={value}
        {...(autocomplete ? { autocomplete } : {})}
        required={!isOptional}
        {...(lengthMin ? { minLength: lengthMin } : {})}
        maxLength={lengthMax}
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={describedBy(name, hint, fault)}
      />
      <Below name={name} hint={hint} fault={fault} />
    </div>
  );
}

/** Ids of what is read out together with a field. */
export const describedBy = (
  name: string,
  hint: string | undefined,
  fault: string | undefined,
): string | undefined =>
  [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(' ') || undefined;

/** What is read out together with a field. */
export const Below = ({
  name,
  hint,
  fault,
}: {
  name: string;
  hint: string | undefined;
  fault: string | undefined;
}) => (
  <>
    {hint && (
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    )}
    {fault && (
      <p class="fault" id={`${name}-fault`}>
        {fault}
      </p>
    )}
  </>
);

export const FormFault = ({ faults }: { faults: Faults }) =>
  faults.form ? (
    <p class="alert" role="alert">
      {faults.form}
    </p>
  ) : null;
