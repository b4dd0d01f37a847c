// What is sold and how it may change: facts and wishes in, decisions out. Pure. The types of the stores stand here too, so
// that the edges know no SQL. Stock is decided in plan.ts.
import type { Event } from '#contracts/envelope.ts';
import { type ImageProcessed, renditionPrefix, UPLOAD_KEY } from '#contracts/images.ts';
import type { Money } from '#contracts/money.ts';
import type { OrderCancelled, OrderConfirmed, OrderPlaced } from '#contracts/orders.ts';
import type { PageOf, Refused } from './plan.ts';

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

/** An original photo, and when it was uploaded. */
export interface Upload {
  readonly uploadedAtMs: number;
  readonly key: string;
  /** Of the object under the key. */
  readonly version: string;
}

/** Tells an upload from the one that is shown. Two of one millisecond are told apart by their names: the same way every time. */
export function compareUploads(candidate: Upload, shown: Upload): 'newer' | 'same' | 'older' {
  const differences = [
    candidate.uploadedAtMs - shown.uploadedAtMs,
    compareText(candidate.key, shown.key),
    compareText(candidate.version, shown.version),
  ];
  const first = differences.find((difference) => difference !== 0) ?? 0;
  return first === 0 ? 'same' : first > 0 ? 'newer' : 'older';
}

/** How far the clocks of two machines may be apart. */
const CLOCK_SKEW_MS_MAX = 5 * 60_000;
/** Of a stored rendition, behind its upload's prefix: `<version>/<label>.<extension>`. */
const RENDITION_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*\/[a-z0-9-]+\.[a-z]+$/;

/**
 * Why an event cannot tell of a photo of its product; undefined when it can. This service hands out the keys of uploads, each for one
 * product; and an upload of a time to come would never be replaced by a later one.
 */
export function photoFault(
  { productId, source, rendition }: ImageProcessed,
  uploadedAtMs: number,
  nowMs: number,
): 'photo-of-the-future' | 'photo-of-another-upload' | undefined {
  if (uploadedAtMs > nowMs + CLOCK_SKEW_MS_MAX) return 'photo-of-the-future';
  const [, ofProduct, uploadId] = UPLOAD_KEY.exec(source.key) ?? [];
  if (ofProduct !== productId || !uploadId) return 'photo-of-another-upload';
  const prefix = renditionPrefix({ productId, uploadId });
  const isUnderIt =
    rendition.key.startsWith(prefix) && RENDITION_NAME.test(rendition.key.slice(prefix.length));
  return isUnderIt ? undefined : 'photo-of-another-upload';
}

const compareText = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

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
export interface Products {
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

/** What is set aside for orders. Each call takes effect once for an event. */
export interface Reservations {
  placed(event: Event<OrderPlaced>): Promise<void>;
  confirmed(event: Event<OrderConfirmed>): Promise<void>;
  cancelled(event: Event<OrderCancelled>): Promise<void>;
}

/** The renditions that a product shows: those of its latest upload, in whatever order the events come. */
export interface Gallery {
  /** @throws RefusedEvent with the fault of the photo */
  attach(event: Event<ImageProcessed>): Promise<void>;
}
