// What is sold and how it may change: facts and wishes in, decisions out. Pure. Stock and photos have folders with domains of their own.
import type { Money } from '#contracts/money.ts';

/** What an editor says of a product. */
export interface ProductFacts {
  readonly name: string;
  readonly description: string;
  readonly categoryId: string;
  readonly price: Money;
  /** False: not sold, and not shown to customers. */
  readonly isActive: boolean;
}

/** What is to become of some facts. */
export type ProductWish = { readonly [Fact in keyof ProductFacts]?: ProductFacts[Fact] | undefined };

export interface Product extends ProductFacts {
  readonly productId: string;
  /** Grows by one with every change of the facts. */
  readonly version: number;
}

/** One stored rendition of the product's photo. */
export interface Rendition {
  readonly label: string;
  /** In the bucket of the processed images. */
  readonly key: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** A product as it is shown. */
export interface ProductView extends Product {
  /** Pieces that can be ordered now. */
  readonly availableCount: number;
  /** From the smallest to the largest; empty without a photo. */
  readonly renditions: readonly Rendition[];
}

export interface Category {
  readonly categoryId: string;
  readonly name: string;
}

/** The facts with the wish in them; undefined when that changes nothing, so that nobody is told of it. */
export function decideChange(facts: ProductFacts, wish: ProductWish): ProductFacts | undefined {
  const price = wish.price ?? facts.price;
  const isSamePrice =
    price.amountMinor === facts.price.amountMinor && price.currency === facts.price.currency;
  const next: ProductFacts = {
    name: wish.name ?? facts.name,
    description: wish.description ?? facts.description,
    categoryId: wish.categoryId ?? facts.categoryId,
    price,
    isActive: wish.isActive ?? facts.isActive,
  };
  const isSame =
    next.name === facts.name &&
    next.description === facts.description &&
    next.categoryId === facts.categoryId &&
    next.isActive === facts.isActive;
  return isSame && isSamePrice ? undefined : next;
}

/** Where a list goes on: after the entry of these sort keys, with at most `limit` entries and one that tells of more. */
export interface PageOf<Position> {
  readonly after?: Position | undefined;
  readonly limit: number;
}

/** Why a wish was not fulfilled; the edges tell it in their own way. */
export type Fault =
  | 'product-unknown'
  | 'category-unknown'
  | 'version-mismatch'
  | 'stock-below-reserved'
  | 'stock-too-large'
  | 'cause-reused';

export interface Refused {
  readonly fault: Fault;
}

/** Whether a store or a decision refused. */
export const isRefused = (outcome: object): outcome is Refused => 'fault' in outcome;

/** Which products are looked for; amounts in minor units, both ends included. */
export interface ProductFilter {
  /** Words, as a person types them. */
  readonly q?: string | undefined;
  readonly categoryId?: string | undefined;
  readonly currency?: string | undefined;
  readonly priceMinorMin?: number | undefined;
  readonly priceMinorMax?: number | undefined;
  readonly isActive: boolean;
}

/** A found product; the rank falls from the best to the worst, and is 0 where no words were asked for. */
export type FoundProduct = ProductView & { readonly rank: number };
export type ProductPosition = Pick<FoundProduct, 'rank' | 'name' | 'productId'>;

/** Products and categories as they are shown. */
export interface Catalogue {
  /** Best match first, then by name. */
  search(filter: ProductFilter, page: PageOf<ProductPosition>): Promise<FoundProduct[]>;
  find(productId: string): Promise<ProductView | undefined>;
  /** By name. */
  categories(page: PageOf<Category>): Promise<Category[]>;
}

/** Products and categories as they are edited. Every change of a product is published with it. */
export interface ProductStore {
  nameCategory(category: Category): Promise<void>;
  /** A product of this id that is there already is returned as it is. */
  create(productId: string, facts: ProductFacts): Promise<Product | Refused>;
  /** @param versions one of them is the one that the wish is based on; undefined: whichever */
  change(
    productId: string,
    versions: readonly number[] | undefined,
    wish: ProductWish,
  ): Promise<Product | Refused>;
}
