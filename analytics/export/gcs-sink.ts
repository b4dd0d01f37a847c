// One NDJSON object per revision, under a dated name that carries the revision; written only if it is not there yet.
import { createHash } from 'node:crypto';
import { resultObjectName } from '#contracts/analytics.ts';
import { createGcs } from '#runtime/gcs.ts';
import { type Sink, sinkAhead } from './sink.ts';

export interface GcsSinkOptions {
  readonly projectId: string;
  readonly bucket: string;
  /** A server other than Google's, which then asks for no credentials. */
  readonly endpoint?: string | undefined;
}

const PRECONDITION_FAILED = 412;

/** An object that exists already with the same content is a delivery that succeeded; another content is never overwritten. */
export function createGcsSink(options: GcsSinkOptions): Sink {
  // Waiting longer than this is the delivery table's business, which outlives the process.
  const gcs = createGcs({ ...options, retryCountMax: 1, totalTimeoutS: 15 });
  const bucket = gcs.bucket(options.bucket);
  return {
    name: 'gcs',
    concurrency: 8,
    batchMax: 1,
    deliver: async ([total]) => {
      if (!total) return;
      const file = bucket.file(resultObjectName(total));
      const line = `${JSON.stringify(total)}\n`;
      try {
        await file.save(line, {
          resumable: false,
          contentType: 'application/x-ndjson',
          preconditionOpts: { ifGenerationMatch: 0 },
        });
      } catch (error) {
        if ((error as { code?: number }).code !== PRECONDITION_FAILED) throw error;
        // By its hash: the client's download stream, when it gets an error answer, rejects where no code can catch it.
        const [{ md5Hash }] = await file.getMetadata();
        if (md5Hash !== createHash('md5').update(line).digest('base64')) throw sinkAhead('gcs', total);
      }
    },
    close: async () => {},
  };
}
