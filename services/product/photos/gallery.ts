// The renditions that a product shows, in Postgres: those of its latest upload, once each. Each command is one transaction under the lock of
// the product's photo.
import type { ImageProcessed } from '#contracts/images.ts';
import { productService } from '#contracts/shop-processes.ts';
import { sizeLabelOf, sizeTable } from '#contracts/size-labels.ts';
import { type Client, createCommandHandler, type Step } from '#runtime/decisions.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import {
  type Command,
  type Decision,
  decide,
  evolve,
  type Gallery,
  type PhotoEvent,
  type Upload,
} from './domain.ts';
import { markRendered } from './upload-log.ts';

/** The gallery of the schema that the pool's connections look at first. */
export const createGallery = (pool: Pool): Gallery =>
  createCommandHandler<Upload | undefined, Command, PhotoEvent, Decision>({
    pool,
    process: productService,
    decide,
    evolve,
    lock: lockShown,
    save: savePhoto,
    repeated: { kind: 'ignored', why: 'repeated' },
  });

async function savePhoto(client: Client, step: Step<Upload | undefined, PhotoEvent>): Promise<boolean> {
  const { event, id } = step;
  switch (event.kind) {
    case 'upload-shown':
      return showUpload(client, step, event.upload);
    case 'upload-rendered':
      return markRendered(client, event.upload);
    case 'rendition-added':
      return addRendition(client, id, event.made);
  }
}

async function lockShown(client: Client, productId: string): Promise<Upload | undefined> {
  const { rows } = await client.query<Upload>(
    `SELECT uploaded_at_ms AS "uploadedAtMs", source_key AS key, source_version AS version FROM photo
     WHERE product_id = $1 FOR UPDATE`,
    [productId],
  );
  return rows[0];
}

/** False when the product has got its first photo meanwhile. */
async function showUpload(
  client: Client,
  { id: productId, before }: Step<Upload | undefined, PhotoEvent>,
  { uploadedAtMs, key, version }: Upload,
): Promise<boolean> {
  if (before) await client.query('DELETE FROM rendition WHERE product_id = $1', [productId]);
  const { rowCount } = await client.query(
    before
      ? 'UPDATE photo SET uploaded_at_ms = $2, source_key = $3, source_version = $4 WHERE product_id = $1'
      : `INSERT INTO photo (product_id, uploaded_at_ms, source_key, source_version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (product_id) DO NOTHING`,
    [productId, uploadedAtMs, key, version],
  );
  return rowCount === 1;
}

async function addRendition(
  client: Client,
  productId: string,
  { rendition: { key, width, height }, sizeTable: tableVersion }: ImageProcessed,
): Promise<true> {
  const label = sizeLabelOf(sizeTable(tableVersion)!, width, height);
  await client.query(
    `INSERT INTO rendition (product_id, label, key, width, height) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (product_id, label) DO NOTHING`,
    [productId, label, key, width, height],
  );
  return true;
}
