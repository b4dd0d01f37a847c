// The catalogue as customers see it, out of Postgres: products with their stock and photos, in pages. Reads only.
import type { Pool } from '#runtime/postgres/database.ts';
import type {
  Catalogue,
  FoundProduct,
  ProductFilter,
  ProductPosition,
  ProductView,
  Rendition,
} from './domain.ts';
import { searchWords } from './search-words.ts';
import { PRODUCT_COLUMNS, type ProductRow, productOf } from './store.ts';

interface ViewRow extends ProductRow {
  readonly available: number;
  readonly renditions: readonly Rendition[];
}

const VIEW = `SELECT ${PRODUCT_COLUMNS}, on_hand - reserved AS available, (
    SELECT COALESCE(json_agg(json_build_object('label', label, 'key', key, 'width', width, 'height', height)
      ORDER BY width::bigint * height, label), '[]')
    FROM rendition WHERE rendition.product_id = product.product_id
  ) AS renditions`;
const VIEW_FROM = 'FROM product JOIN stock USING (product_id)';

/** The catalogue of the schema that the pool's connections look at first. */
export function createCatalogue(pool: Pool): Catalogue {
  return {
    search: (filter, { after, limit }) => search(pool, filter, after, limit),
    async find(productId) {
      const { rows } = await pool.query<ViewRow>(`${VIEW} ${VIEW_FROM} WHERE product_id = $1`, [productId]);
      return rows[0] && viewOf(rows[0]);
    },
    async categories({ after, limit }) {
      const { rows } = await pool.query<{ category_id: string; name: string }>(
        `SELECT category_id, name FROM category WHERE $1::text IS NULL OR (name, category_id) > ($1, $2)
         ORDER BY name, category_id LIMIT $3`,
        [after?.name ?? null, after?.categoryId ?? null, limit + 1],
      );
      return rows.map(({ category_id: categoryId, name }) => ({ categoryId, name }));
    },
  };
}

async function search(
  pool: Pool,
  filter: ProductFilter,
  after: ProductPosition | undefined,
  limit: number,
): Promise<FoundProduct[]> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const { q, categoryId, currency, priceMinorMin, priceMinorMax } = filter;
  const words = q === undefined ? undefined : `websearch_to_tsquery('english', ${bind(searchWords(q))})`;
  // Ranks are single precision: as double they come back from a cursor as they were.
  const rank = words ? `ts_rank(search, ${words})::float8` : '0::float8';
  const sort = words ? `-${rank}, name, product_id` : 'name, product_id';
  const conditions = [`is_active = ${bind(filter.isActive)}`];
  if (words) conditions.push(`search @@ ${words}`);
  if (categoryId !== undefined) conditions.push(`category_id = ${bind(categoryId)}`);
  if (currency !== undefined) conditions.push(`currency = ${bind(currency)}`);
  if (priceMinorMin !== undefined) conditions.push(`price_minor >= ${bind(priceMinorMin)}`);
  if (priceMinorMax !== undefined) conditions.push(`price_minor <= ${bind(priceMinorMax)}`);
  if (after) {
    const position = [...(words ? [-after.rank] : []), after.name, after.productId];
    conditions.push(`(${sort}) > (${position.map(bind).join(', ')})`);
  }
  const { rows } = await pool.query<ViewRow & { rank: number }>(
    `${VIEW}, ${rank} AS rank ${VIEW_FROM} WHERE ${conditions.join(' AND ')} ORDER BY ${sort} LIMIT ${bind(limit + 1)}`,
    values,
  );
  return rows.map((row) => ({ ...viewOf(row), rank: row.rank }));
}

const viewOf = (row: ViewRow): ProductView => ({
  ...productOf(row),
  availableCount: row.available,
  renditions: row.renditions,
});
