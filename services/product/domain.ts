// What is sold and how it may change: commands in, decisions out. Pure. Stock and photos have folders with domains of their own.
import { isSameMoney, type Money } from '#contracts/money.ts';
import type { CommandHandler } from '#runtime/decisions.ts';

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

/** What an editor wants. */
export type Command =
  | { readonly kind: 'create'; readonly facts: ProductFacts }
  | { readonly kind: 'change'; readonly wish: ProductWish };

/** A product, undefined where there is none of that id; and whether there is the category that a command names. */
export interface Edited {
  readonly productId: string;
  readonly product?: Product | undefined;
  readonly hasCategory: boolean;
}

export interface ProductEvent {
  readonly kind: 'created' | 'changed';
  readonly facts: ProductFacts;
}

/** Why an editor's command has no effect. */
export type Refusal = 'product-unknown' | 'category-unknown';

export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly [ProductEvent] }
  | { readonly kind: 'ignored'; readonly why: 'repeated' | 'unchanged' }
  | { readonly kind: 'refused'; readonly why: Refusal };

/** What follows from a command. A product that is there already is not created again; what changes nothing is not published. */
export function decide(command: Command, { product, hasCategory }: Edited): Decision {
  if (command.kind === 'create') {
    if (!hasCategory) return { kind: 'refused', why: 'category-unknown' };
    if (product) return { kind: 'ignored', why: 'repeated' };
    return { kind: 'happened', events: [{ kind: 'created', facts: command.facts }] };
  }
  if (!product) return { kind: 'refused', why: 'product-unknown' };
  const facts = factsAfter(product, command.wish);
  if (!facts) return { kind: 'ignored', why: 'unchanged' };
  if (!hasCategory) return { kind: 'refused', why: 'category-unknown' };
  return { kind: 'happened', events: [{ kind: 'changed', facts }] };
}

/** The product after an event. */
export const evolve = (edited: Edited, { facts }: ProductEvent): Edited => ({
  ...edited,
  product: {
    ...facts,
    productId: edited.productId,
    version: (edited.product?.version ?? 0) + 1,
  },
});

/** The facts with the wish in them; undefined when that changes nothing. */
function factsAfter(facts: ProductFacts, wish: ProductWish): ProductFacts | undefined {
  const next: ProductFacts = {
    name: wish.name ?? facts.name,
    description: wish.description ?? facts.description,
    categoryId: wish.categoryId ?? facts.categoryId,
    price: wish.price ?? facts.price,
    isActive: wish.isActive ?? facts.isActive,
  };
  const isSame =
    next.name === facts.name &&
    next.description === facts.description &&
    next.categoryId === facts.categoryId &&
    next.isActive === facts.isActive;
  return isSame && isSameMoney(next.price, facts.price) ? undefined : next;
}

/** A page of a list: after the entry with these sort keys, at most `limit` entries, and one more that shows whether there is a next page. */
export interface PageOf<Position> {
  readonly after?: Position | undefined;
  readonly limit: number;
}

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
export interface ProductStore extends Pick<CommandHandler<Edited, Command, Decision>, 'handle'> {
  nameCategory(category: Category): Promise<void>;
}
