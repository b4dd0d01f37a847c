// The seller's list of products: those in the shop, or those that were taken off.
import type { SellerProduct } from '../../bff/seller.ts';
import { Amount, Empty, Photo } from '../parts.tsx';
import { pieces, SellerPage } from './parts.tsx';
import type { SellerProductsProps, Shelf } from './props.ts';

const THUMBNAIL_SIZES = '4rem';
const SHELVES: readonly (readonly [Shelf, string])[] = [
  ['on', 'In the shop'],
  ['off', 'Taken off'],
];

const urlOf = (shelf: Shelf, query: string): string => {
  const pairs = { ...(shelf === 'off' ? { shelf } : {}), ...(query ? { q: query } : {}) };
  const text = new URLSearchParams(pairs).toString();
  return text ? `/seller?${text}` : '/seller';
};

export const SellerProducts = (props: SellerProductsProps) => (
  <SellerPage title="Products to sell" frame={props.frame}>
    <div class="seller-head">
      <h1>Products</h1>
      <p>
        <a class="button" href="/seller/products/new">
          Add a product
        </a>
      </p>
    </div>
    <nav class="chips" aria-label="Which products">
      {SHELVES.map(([shelf, words]) => (
        <a
          key={shelf}
          href={urlOf(shelf, props.query)}
          aria-current={shelf === props.shelf ? 'page' : undefined}
        >
          {words}
        </a>
      ))}
    </nav>
    <Search {...props} />
    {props.products.length > 0 ? <Rows {...props} /> : <NoProducts {...props} />}
    {props.nextUrl && (
      <p class="more">
        <a class="button quiet" href={props.nextUrl}>
          Show more
        </a>
      </p>
    )}
  </SellerPage>
);

const Search = ({ shelf, query }: SellerProductsProps) => (
  <form class="seller-search" action="/seller">
    {shelf === 'off' && <input type="hidden" name="shelf" value="off" />}
    <label class="visually-hidden" for="seller-q">
      Search your products
    </label>
    <input
      id="seller-q"
      name="q"
      type="search"
      value={query}
      maxLength={200}
      placeholder="Search your products"
    />
    <button class="button quiet">Search</button>
  </form>
);

const Rows = ({ products, categories, frame }: SellerProductsProps) => (
  <ul class="seller-rows" role="list">
    {products.map((product) => (
      <li key={product.productId}>
        <a class="seller-row" href={`/seller/products/${product.productId}`}>
          <Photo product={product} sizes={THUMBNAIL_SIZES} isNamed />
          <span class="seller-row-name">
            {product.name}
            <span class="hint">
              {categories.find(({ categoryId }) => categoryId === product.categoryId)?.name ??
                product.categoryId}
            </span>
          </span>
          <StockTag product={product} />
          <Amount value={product.price} locale={frame.locale} />
        </a>
      </li>
    ))}
  </ul>
);

const StockTag = ({ product: { availableCount } }: { product: SellerProduct }) => (
  <span class="status" data-status={availableCount === 0 ? 'cancelled' : undefined}>
    {availableCount === 0 ? 'Sold out' : pieces(availableCount)}
  </span>
);

const NoProducts = ({ shelf, query }: SellerProductsProps) =>
  query ? (
    <Empty title="Nothing found">
      <p>
        None of these products has these words. <a href={urlOf(shelf, '')}>Show them all</a>
      </p>
    </Empty>
  ) : (
    <Empty title={shelf === 'on' ? 'Nothing is in the shop yet' : 'Nothing was taken off'}>
      <p>
        {shelf === 'on'
          ? 'Add your first product: a name, a price and a category are enough.'
          : 'What you take off the shop waits here, and can be put back.'}
      </p>
    </Empty>
  );
