// What each page of the seller shows. Types alone, as in ../props.ts.
import type { Category } from '../../bff/answers.ts';
import type { Basis, ConflictLine, ProductFields } from '../../bff/product-form.ts';
import type { SellerProduct, Stock, StockEntry, Upload } from '../../bff/seller.ts';
import type { Faults, FrameProps, Page } from '../props.ts';

/** Which products a list has. */
export type Shelf = 'on' | 'off';

export interface SellerProductsProps extends FrameProps {
  readonly shelf: Shelf;
  readonly query: string;
  readonly products: readonly SellerProduct[];
  readonly categories: readonly Category[];
  /** Address of the products after these. */
  readonly nextUrl?: string | undefined;
}

export interface NewProductProps extends FrameProps {
  readonly fields: ProductFields;
  readonly isActive: boolean;
  readonly categories: readonly Category[];
  readonly faults: Faults;
  /** Idempotency key: one product for one filled form. */
  readonly formKey: string;
}

/** What the pages of one product have in common. */
export interface ProductPageProps extends FrameProps {
  readonly product: SellerProduct;
}

export interface EditProductProps extends ProductPageProps {
  readonly fields: ProductFields;
  readonly basis: Basis;
  readonly categories: readonly Category[];
  readonly faults: Faults;
  /** What others have changed while the form was filled. */
  readonly conflict?: readonly ConflictLine[] | undefined;
}

/** Texts of the form, as they were sent. */
export interface StockFields {
  readonly way: string;
  readonly pieces: string;
  readonly reason: string;
}

export interface StockProps extends ProductPageProps {
  readonly stock: Stock;
  readonly entries: readonly StockEntry[];
  readonly nextUrl?: string | undefined;
  readonly fields: StockFields;
  readonly faults: Faults;
  readonly formKey: string;
}

export interface PhotoStateProps {
  readonly product: SellerProduct;
  readonly uploads: readonly Upload[];
  readonly nextUrl?: string | undefined;
  readonly locale: string;
  /** Milliseconds since 1970, for what has been waiting long. */
  readonly nowMs: number;
}

export interface PhotosProps extends ProductPageProps, PhotoStateProps {
  /** Whether this shop can take photos at all. */
  readonly isOpen: boolean;
}

export interface CategoriesProps extends FrameProps {
  readonly categories: readonly Category[];
  /** Of the form of a new one, or of the one that is renamed. */
  readonly fields: { readonly name: string; readonly categoryId: string };
  /** The one whose new name was refused. */
  readonly renamed?: string | undefined;
  readonly faults: Faults;
}

/** The seller's pages, from what each shows to HTML. */
export interface SellerPages {
  readonly sellerProducts: Page<SellerProductsProps>;
  readonly newProduct: Page<NewProductProps>;
  readonly editProduct: Page<EditProductProps>;
  readonly stock: Page<StockProps>;
  readonly photos: Page<PhotosProps>;
  /** The part of the photos' page that changes. */
  readonly photoState: Page<PhotoStateProps>;
  readonly sellerCategories: Page<CategoriesProps>;
}
