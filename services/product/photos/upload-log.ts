// Signed uploads in Postgres, and the latest event about each. The time of an event is that of its upload, so that what comes twice or
// late changes nothing.
import type { RejectionReason } from '#contracts/images.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import type { Pool, PoolClient } from '#runtime/postgres/database.ts';
import { rejectionFault, type UploadLog, type UploadRecord, uploadStateOf } from './domain.ts';

interface UploadRow {
  readonly upload_id: string;
  readonly position: number;
  readonly file_name: string;
  readonly content_type: string;
  readonly bytes: number;
  readonly asked_at: Date;
  readonly outcome: 'rendered' | 'rejected' | null;
  readonly reason: RejectionReason | null;
  readonly detail: string | null;
  readonly is_shown: boolean;
}

/** The uploads of the schema that the pool's connections look at first. */
export const createUploadLog = (pool: Pool): UploadLog => ({
  async record({ uploadId, productId, key, fileName, contentType, bytes }) {
    await pool.query(
      `INSERT INTO upload (upload_id, product_id, key, file_name, content_type, bytes)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [uploadId, productId, key, fileName, contentType, bytes],
    );
  },
  async list(productId, { after, limit }) {
    const { rows } = await pool.query<UploadRow>(
      `SELECT upload_id, position, file_name, content_type, bytes, asked_at, outcome, reason, detail,
         EXISTS (SELECT 1 FROM photo WHERE photo.product_id = upload.product_id AND source_key = key) AS is_shown
       FROM upload WHERE product_id = $1 AND ($2::bigint IS NULL OR position < $2)
       ORDER BY position DESC LIMIT $3`,
      [productId, after?.position ?? null, limit + 1],
    );
    return rows.map(uploadOf);
  },
  async rejected({ data: { source, reason, detail }, timeMs }) {
    const fault = rejectionFault(timeMs, Date.now());
    if (fault) throw new RefusedEvent(fault, 'a rejection', { reason });
    await pool.query(
      `UPDATE upload SET outcome = 'rejected', outcome_at_ms = $2, reason = $3, detail = $4
       WHERE key = $1 AND (outcome_at_ms IS NULL OR outcome_at_ms <= $2)`,
      [source.key, timeMs, reason, detail],
    );
  },
});

/** One of its renditions is there, in the caller's transaction. */
export async function markRendered(client: PoolClient, key: string, uploadedAtMs: number): Promise<void> {
  await client.query(
    `UPDATE upload SET outcome = 'rendered', outcome_at_ms = $2, reason = NULL, detail = NULL
     WHERE key = $1 AND (outcome_at_ms IS NULL OR outcome_at_ms <= $2)`,
    [key, uploadedAtMs],
  );
}

const uploadOf = (row: UploadRow): UploadRecord => ({
  uploadId: row.upload_id,
  position: row.position,
  fileName: row.file_name,
  contentType: row.content_type,
  bytes: row.bytes,
  askedAt: row.asked_at,
  state: uploadStateOf({ outcome: row.outcome ?? undefined, isShown: row.is_shown }),
  ...(row.reason ? { rejection: { reason: row.reason, detail: row.detail ?? '' } } : {}),
});
