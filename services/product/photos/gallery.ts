// The renditions that a product shows, in Postgres: those of its latest upload, once each, in whatever order events come. What
// cannot be a photo of the product is refused.
import type { Event } from '#contracts/envelope.ts';
import type { ImageProcessed } from '#contracts/images.ts';
import { schemaOf } from '#contracts/process.ts';
import { productService } from '#contracts/shop-processes.ts';
import { sizeLabelOf, sizeTable } from '#contracts/size-labels.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { takeOnce } from '#runtime/outbox/inbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { compareUploads, type Gallery, photoFault, type Upload } from './domain.ts';
import { markRendered } from './upload-log.ts';

/** The gallery of the schema that the pool's connections look at first. */
export const createGallery = (pool: Pool): Gallery => ({
  attach: async (event) => {
    const { productId } = event.data;
    const fault = photoFault(event.data, event.timeMs, Date.now());
    if (fault) throw new RefusedEvent(fault, `a rendition of product ${productId}`, { productId });
    await inTransaction(pool, async (client) => {
      const group = `product-${productImagesProcessed.name}`;
      const isNew = await takeOnce(client, schemaOf(productService), group, event.id);
      if (isNew) await attach(client, event);
    });
  },
});

async function attach(client: PoolClient, event: Event<ImageProcessed>): Promise<void> {
  const { productId, source, rendition, sizeTable: tableVersion } = event.data;
  const upload: Upload = { uploadedAtMs: event.timeMs, key: source.key, version: source.version };
  const outcome = compareUploads(upload, await lockShown(client, productId, upload));
  await markRendered(client, upload.key, upload.uploadedAtMs);
  if (outcome === 'older') return;
  if (outcome === 'newer') {
    await client.query('DELETE FROM rendition WHERE product_id = $1', [productId]);
    await client.query(
      'UPDATE photo SET uploaded_at_ms = $2, source_key = $3, source_version = $4 WHERE product_id = $1',
      [productId, ...valuesOf(upload)],
    );
  }
  const label = sizeLabelOf(sizeTable(tableVersion)!, rendition.width, rendition.height);
  await client.query(
    `INSERT INTO rendition (product_id, label, key, width, height) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (product_id, label) DO NOTHING`,
    [productId, label, rendition.key, rendition.width, rendition.height],
  );
}

/** The upload that is shown; this one where there was none. Whoever changes the same product's photo waits here. */
async function lockShown(client: PoolClient, productId: string, upload: Upload): Promise<Upload> {
  const { rows } = await client.query<{ at: number; key: string; version: string }>(
    `INSERT INTO photo (product_id, uploaded_at_ms, source_key, source_version) VALUES ($1, $2, $3, $4)
     ON CONFLICT (product_id) DO UPDATE SET product_id = excluded.product_id
     RETURNING uploaded_at_ms AS at, source_key AS key, source_version AS version`,
    [productId, ...valuesOf(upload)],
  );
  const { at, key, version } = rows[0]!;
  return { uploadedAtMs: at, key, version };
}

const valuesOf = ({ uploadedAtMs, key, version }: Upload) => [uploadedAtMs, key, version];
