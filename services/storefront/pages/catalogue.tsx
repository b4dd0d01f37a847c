// Home, a category, search results, one product.
import type { Category, Product } from '../bff/answers.ts';
import { Document } from './frame.tsx';
import { Amount, Empty, Photo, Products } from './parts.tsx';
import type { HomeProps, ListingProps, ProductProps } from './props.ts';

const Categories = ({
  categories,
  current,
}: {
  categories: readonly Category[];
  current?: string | undefined;
}) => (
  <nav class="chips" aria-label="Categories">
    {categories.map(({ categoryId, name }) => (
      <a
        key={categoryId}
        href={`/categories/${categoryId}`}
        aria-current={categoryId === current ? 'page' : undefined}
      >
        {name}
      </a>
    ))}
  </nav>
);

export const Home = ({ frame, categories, products, nextUrl }: HomeProps) => (
  <Document title="Good things, calmly sold" frame={frame}>
    <section class="hero">
      <p class="eyebrow">New in the shop</p>
      <h1>
        Good things,
        <br />
        calmly sold.
      </h1>
      <p class="lead">A small shop with nothing to hurry you. Look around; your cart waits.</p>
    </section>
    <Categories categories={categories} />
    <h2 class="section-title">All products</h2>
    {products.length > 0 ? (
      <Products products={products} locale={frame.locale} />
    ) : (
      <Empty title="The shelves are empty">
        <p>The first products will be here soon.</p>
      </Empty>
    )}
    <More nextUrl={nextUrl} />
  </Document>
);

const More = ({ nextUrl }: { nextUrl?: string | undefined }) =>
  nextUrl ? (
    <p class="more">
      <a class="button quiet" href={nextUrl}>
        Show more
      </a>
    </p>
  ) : null;

/** A category, or what a search found. */
export const Listing = ({ frame, title, categories, categoryId, page, nextUrl, isAsking }: ListingProps) => (
  <Document title={title} frame={frame}>
    <h1>{title}</h1>
    <Categories categories={categories} current={categoryId} />
    <h2 class="visually-hidden">Products</h2>
    {page.items.length > 0 ? (
      <Products products={page.items} locale={frame.locale} />
    ) : (
      <Empty title={isAsking ? 'What are you looking for?' : 'Nothing here'}>
        <p>
          {isAsking ? 'Type a word above' : 'Try another word'}, or look at{' '}
          <a href="/products">all products</a>.
        </p>
      </Empty>
    )}
    <More nextUrl={nextUrl} />
  </Document>
);

export const ProductView = ({ frame, product, category }: ProductProps) => (
  <Document title={product.name} frame={frame}>
    <nav class="crumbs" aria-label="Breadcrumb">
      <a href="/">Home</a>
      {category && <a href={`/categories/${category.categoryId}`}>{category.name}</a>}
    </nav>
    <article class="product">
      <Photo product={product} sizes="(min-width: 60rem) 36rem, 100vw" isFirst />
      <div class="product-facts">
        <h1>{product.name}</h1>
        <p class="price">
          <Amount value={product.price} locale={frame.locale} />
        </p>
        {product.description && <p class="description">{product.description}</p>}
        <p class={product.availableCount > 0 ? 'stock' : 'stock stock-none'}>{stockOf(product)}</p>
        <form method="post" action="/cart/lines" class="buy">
          <input type="hidden" name="productId" value={product.productId} />
          <label class="visually-hidden" for="quantity">
            Quantity
          </label>
          <input id="quantity" name="quantity" type="number" min={1} max={99} value={1} required />
          <button class="button" disabled={product.availableCount === 0}>
            Add to cart
          </button>
        </form>
      </div>
    </article>
  </Document>
);

function stockOf({ availableCount }: Product): string {
  if (availableCount === 0) return 'Sold out';
  return availableCount <= 5 ? `Only ${availableCount} left` : 'In stock';
}
