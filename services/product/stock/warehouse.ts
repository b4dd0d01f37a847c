// Pieces on the shelves, in Postgres, and the ledger that explains them. An adjustment and its entry are one transaction; the
// same cause counts once.
import { productService } from '#contracts/shop-processes.ts';
import { type Client, createCommandHandler, type Step } from '#runtime/decisions.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import {
  type Adjustment,
  type AdjustmentDecision,
  type CountedStock,
  decideAdjustment,
  evolveStock,
  type Stock,
  type StockEntry,
  type Warehouse,
} from './domain.ts';

interface StockRow {
  readonly on_hand: number;
  readonly reserved: number;
}

interface EntryRow {
  readonly entry_id: number;
  readonly delta: number;
  readonly reason: StockEntry['reason'];
  readonly created_at: Date;
}

/** The warehouse of the schema that the pool's connections look at first. */
export function createWarehouse(pool: Pool): Warehouse {
  const { handle } = createCommandHandler<CountedStock, Adjustment, Adjustment, AdjustmentDecision>({
    pool,
    process: productService,
    decide: decideAdjustment,
    evolve: evolveStock,
    lock: lockStock,
    save,
    repeated: { kind: 'ignored', why: 'repeated' },
  });
  return {
    async stock(productId) {
      const sql = 'SELECT on_hand, reserved FROM stock WHERE product_id = $1';
      const { rows } = await pool.query<StockRow>(sql, [productId]);
      return rows[0] && stockOf(rows[0]);
    },
    adjust: (adjustment) => handle(adjustment.productId, adjustment),
    async entries(productId, { after, limit }) {
      const { rows } = await pool.query<EntryRow>(
        `SELECT entry_id, delta, reason, created_at FROM stock_entry
         WHERE product_id = $1 AND ($2::bigint IS NULL OR entry_id < $2) ORDER BY entry_id DESC LIMIT $3`,
        [productId, after?.entryId ?? null, limit + 1],
      );
      return rows.map((row) => ({
        entryId: row.entry_id,
        delta: row.delta,
        reason: row.reason,
        createdAt: row.created_at,
      }));
    },
  };
}

async function lockStock(client: Client, productId: string, { cause }: Adjustment): Promise<CountedStock> {
  const { rows } = await client.query<StockRow>(
    'SELECT on_hand, reserved FROM stock WHERE product_id = $1 FOR UPDATE',
    [productId],
  );
  const known = await client.query<Adjustment>(
    'SELECT delta, reason FROM stock_entry WHERE cause = $1 AND product_id = $2',
    [cause, productId],
  );
  return { stock: rows[0] && stockOf(rows[0]), before: known.rows[0] };
}

async function save(client: Client, { event, after }: Step<CountedStock, Adjustment>): Promise<boolean> {
  const { productId, delta, reason, cause } = event;
  await client.query('UPDATE stock SET on_hand = $2 WHERE product_id = $1', [productId, after.stock?.onHand]);
  await client.query('INSERT INTO stock_entry (product_id, delta, reason, cause) VALUES ($1, $2, $3, $4)', [
    productId,
    delta,
    reason,
    cause,
  ]);
  return true;
}

const stockOf = ({ on_hand: onHand, reserved }: StockRow): Stock => ({ onHand, reserved });
