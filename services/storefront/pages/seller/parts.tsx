// What the seller's pages have in common: their frame, the tabs of a product, and fields that the shop's own forms do not need.
import type { ComponentChildren } from 'preact';
import type { SellerProduct } from '../../bff/seller.ts';
import { Document } from '../frame.tsx';
import { Below, describedBy } from '../parts.tsx';
import type { Faults, Frame } from '../props.ts';

interface SellerPageProps {
  readonly title: string;
  readonly frame: Frame;
  readonly children: ComponentChildren;
}

export const SellerPage = ({ title, frame, children }: SellerPageProps) => (
  <Document title={title} frame={frame} bundle="seller">
    <nav class="crumbs" aria-label="Breadcrumb">
      <a href="/seller">Sell</a>
      <a href="/seller/categories">Categories</a>
      <a href="/account">Account</a>
    </nav>
    {children}
  </Document>
);

const TABS = [
  ['', 'What it is'],
  ['/photos', 'Photos'],
  ['/stock', 'Stock'],
] as const;

interface ProductPageProps extends Omit<SellerPageProps, 'title'> {
  readonly product: SellerProduct;
  readonly tab: (typeof TABS)[number][0];
}

/** A page about one product. */
export const ProductPage = ({ product, tab, frame, children }: ProductPageProps) => {
  const { name, productId, isActive } = product;
  const label = TABS.find(([path]) => path === tab)![1];
  return (
    <SellerPage title={`${label}: ${name}`} frame={frame}>
      <div class="seller-head">
        <h1>{name}</h1>
        <p>
          {isActive ? (
            <a href={`/products/${productId}`}>See it in the shop</a>
          ) : (
            <span class="tag">Not in the shop</span>
          )}
        </p>
      </div>
      <nav class="chips" aria-label="About this product">
        {TABS.map(([path, words]) => (
          <a
            key={path}
            href={`/seller/products/${productId}${path}`}
            aria-current={path === tab ? 'page' : undefined}
          >
            {words}
          </a>
        ))}
      </nav>
      {children}
    </SellerPage>
  );
};

interface LabelledProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly faults: Faults;
  readonly isOptional?: boolean;
}

const faultOf = (faults: Faults, name: string): string | undefined =>
  Object.hasOwn(faults, name) ? faults[name] : undefined;

interface TextAreaProps extends LabelledProps {
  readonly value: string;
  readonly lengthMax: number;
}

export const TextArea = ({ name, label, hint, faults, value, lengthMax }: TextAreaProps) => {
  const fault = faultOf(faults, name);
  return (
    <div class="field">
      <label for={name}>
        {label} <span class="muted">(optional)</span>
      </label>
      <textarea
        id={name}
        name={name}
        rows={6}
        maxLength={lengthMax}
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={describedBy(name, hint, fault)}
      >
        {value}
      </textarea>
      <Below name={name} hint={hint} fault={fault} />
    </div>
  );
};

interface SelectProps extends LabelledProps {
  readonly value: string;
  /** Value and words of each. */
  readonly options: readonly (readonly [string, string])[];
  /** Words of an empty choice, where nothing is chosen yet. */
  readonly empty?: string;
}

export const Select = ({ name, label, hint, faults, value, options, empty }: SelectProps) => {
  const fault = faultOf(faults, name);
  const isKnown = options.some(([option]) => option === value);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select
        id={name}
        name={name}
        required
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={describedBy(name, hint, fault)}
      >
        {empty && !isKnown && <option value="">{empty}</option>}
        {options.map(([option, words]) => (
          <option key={option} value={option} selected={option === value}>
            {words}
          </option>
        ))}
      </select>
      <Below name={name} hint={hint} fault={fault} />
    </div>
  );
};

/** `1 piece`, `5 pieces`. */
export const pieces = (count: number): string => `${count} ${count === 1 ? 'piece' : 'pieces'}`;
