// Parts that several pages use: amounts, photos, cards, fields, empty states.
import type { ComponentChildren } from 'preact';
import { CURRENCY_DIGITS, type Money } from '#contracts/money.ts';
import type { Product } from '../bff/services.ts';

/** An amount in the manner of the visitor's language; minor units become major ones by text, never by a fraction. */
export function formatMoney({ amountMinor, currency }: Money, locale: string): string {
  const digits = CURRENCY_DIGITS.get(currency) ?? 2;
  const text = String(amountMinor).padStart(digits + 1, '0');
  const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(decimal as `${number}`);
}

export const Amount = ({ value, locale }: { value: Money; locale: string }) => (
  <span class="amount">{formatMoney(value, locale)}</span>
);

interface PhotoProps {
  readonly product: Product;
  /** As the attribute `sizes` takes it. */
  readonly sizes: string;
  readonly isFirst?: boolean;
}

/** The renditions that there are; a quiet placeholder while there is none. */
export function Photo({ product: { images, name }, sizes, isFirst = false }: PhotoProps) {
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
        alt={name}
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
          <Photo product={product} sizes={CARD_SIZES} isFirst={index < 4} />
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

/** Words of a refusal, by the field they belong to; `form` is for the form as a whole. */
export type Faults = Readonly<Record<string, string>>;

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
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
  type = 'text',
  value,
  hint,
  autocomplete,
  isOptional,
  lengthMin,
  lengthMax = 254,
  faults,
}: FieldProps) {
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  const described = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={name}>
        {label}
        {isOptional && <span class="muted"> (optional)</span>}
      </label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        autocomplete={autocomplete}
        required={!isOptional}
        minLength={lengthMin}
        maxLength={lengthMax}
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={described || undefined}
      />
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
    </div>
  );
}

export const FormFault = ({ faults }: { faults: Faults }) =>
  faults.form ? (
    <p class="alert" role="alert">
      {faults.form}
    </p>
  ) : null;
