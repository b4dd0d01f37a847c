// Sample products for a platform on one machine, under the ids that the sample photos are uploaded for (demo/sample-photos.ts,
// seed 1). May run again: what is there already stays as it is.
import { join } from 'node:path';
import { productService } from '#contracts/shop-processes.ts';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { createPool, databaseOf, postgresConfig } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import type { Category, ProductFacts, ProductStore } from './domain.ts';
import type { Warehouse } from './stock/domain.ts';
import { createWarehouse } from './stock/warehouse.ts';
import { createProductStore } from './store.ts';

interface Good {
  readonly name: string;
  readonly categoryId: string;
  readonly description: string;
  readonly priceMinor: number;
  readonly pieceCount: number;
}

/** What there is of each shape; colours cost nothing. */
const GOODS: ReadonlyMap<string, Good> = new Map<string, Good>(
  Object.entries({
    vase: {
      name: 'vase',
      categoryId: 'living',
      description: 'A stoneware vase for a handful of stems, thrown and glazed by hand.',
      priceMinor: 4_900,
      pieceCount: 12,
    },
    'tea-tin': {
      name: 'tea tin',
      categoryId: 'kitchen',
      description: 'Keeps 100 grams of loose tea dry; the lid closes with a sigh.',
      priceMinor: 1_450,
      pieceCount: 60,
    },
    bowl: {
      name: 'bowl',
      categoryId: 'table',
      description: 'A deep bowl for soup, salad or breakfast. Fit for the dishwasher.',
      priceMinor: 2_200,
      pieceCount: 40,
    },
    bottle: {
      name: 'bottle',
      categoryId: 'kitchen',
      description: 'A glass bottle of one litre with a stopper of cork.',
      priceMinor: 1_890,
      pieceCount: 25,
    },
    lamp: {
      name: 'lamp',
      categoryId: 'living',
      description: 'A table lamp with a shade of linen that throws a warm light.',
      priceMinor: 11_900,
      pieceCount: 6,
    },
    cup: {
      name: 'cup',
      categoryId: 'table',
      description: 'A cup without a handle, for coffee with milk or for tea.',
      priceMinor: 1_250,
      pieceCount: 80,
    },
    candle: {
      name: 'candle',
      categoryId: 'living',
      description: 'Burns for forty hours and smells of nothing but wax.',
      priceMinor: 890,
      pieceCount: 120,
    },
    pot: {
      name: 'pot',
      categoryId: 'kitchen',
      description: 'A heavy pot with a lid, for stews that take their time.',
      priceMinor: 8_400,
      pieceCount: 9,
    },
  }),
);

const CATEGORIES: readonly Category[] = [
  { categoryId: 'kitchen', name: 'Kitchen' },
  { categoryId: 'living', name: 'Living' },
  { categoryId: 'table', name: 'Table' },
];

const PRODUCT_IDS = [
  'plum-vase',
  'rust-tea-tin',
  'moss-bowl',
  'rust-lamp',
  'moss-cup',
  'moss-candle',
  'plum-pot',
  'indigo-vase',
  'indigo-tea-tin',
  'rose-bottle',
  'olive-lamp',
  'amber-cup',
  'rust-candle',
  'olive-pot',
  'rose-vase',
  'olive-tea-tin',
  'indigo-bowl',
  'amber-bottle',
  'rose-cup',
  'rose-candle',
  'sky-pot',
];

/** A product with the pieces that it starts with. */
export interface Sample {
  readonly productId: string;
  readonly facts: ProductFacts;
  readonly pieceCount: number;
}

export const sampleProducts: readonly Sample[] = PRODUCT_IDS.map((productId) => {
  const at = productId.indexOf('-');
  const colour = productId.slice(0, at);
  const { name, categoryId, description, priceMinor, pieceCount } = GOODS.get(productId.slice(at + 1))!;
  const facts = {
    name: `${colour.charAt(0).toUpperCase()}${colour.slice(1)} ${name}`,
    description,
    categoryId,
    price: { amountMinor: priceMinor, currency: 'EUR' },
    isActive: true,
  };
  return { productId, facts, pieceCount };
});

/** Adds the products that are missing, each with its pieces. */
export async function addSamples(products: ProductStore, warehouse: Warehouse): Promise<void> {
  for (const category of CATEGORIES) await products.nameCategory(category);
  for (const { productId, facts, pieceCount } of sampleProducts) {
    const outcomes = [
      await products.handle(productId, { kind: 'create', facts }),
      await warehouse.adjust({ productId, delta: pieceCount, reason: 'delivered', cause: 'samples' }),
    ];
    for (const { decision } of outcomes)
      if (decision.kind === 'refused') throw new AppError('sample-refused', `${productId}: ${decision.why}`);
  }
}

if (import.meta.main) runMain(main);

async function main(): Promise<void> {
  const config = loadConfig({ ...logConfig, ...postgresConfig });
  const { name: schema } = productService;
  const log = createLogger('product-samples', config.LOG_LEVEL);
  const pool = createPool({ ...databaseOf(config), applicationName: 'product-samples', schema, log });
  try {
    await migrateService(pool, schema, join(import.meta.dirname, 'migrations'), log);
    await addSamples(createProductStore(pool), createWarehouse(pool));
    process.stdout.write(`${sampleProducts.length} sample products are there\n`);
  } finally {
    await pool.end();
  }
}
