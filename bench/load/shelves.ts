// Stock for a load: thousands of orders would soon sell out the sample products.
import { randomUUID } from 'node:crypto';
import { productService } from '#contracts/shop-processes.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { createWarehouse } from '../../services/product/warehouse.ts';

/** Delivers this many pieces of every product on sale; the ledger of the warehouse says for what. */
export async function fillShelves(databaseUrl: string, pieceCount: number): Promise<number> {
  const schema = productService.name;
  const log = createLogger('load', 'silent');
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'load', schema, log });
  try {
    const { rows } = await pool.query<{ product_id: string }>(
      'SELECT product_id FROM product WHERE is_active',
    );
    const warehouse = createWarehouse(pool);
    const cause = `load-${randomUUID()}`;
    for (const { product_id: productId } of rows)
      await warehouse.adjust({ productId, delta: pieceCount, reason: 'delivered', cause });
    return rows.length;
  } finally {
    await pool.end();
  }
}
