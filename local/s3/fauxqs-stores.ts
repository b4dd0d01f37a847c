// A data folder in, fauxqs' stores out, filled with what an earlier run left there. Objects, buckets, multipart uploads and
// queues live in one SQLite file, so a process that is killed leaves whole objects or none.
// fauxqs exports neither its stores nor its persistence, and its own start function listens on every network interface;
// hence these imports by path, all of them here. The version is an exact pin.
import { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';
import { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { namePage } from '../server/name-page.ts';

export type { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
export type { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';

/** The account in every ARN that fauxqs makes. */
export const ACCOUNT_ID = '000000000000';

export interface FauxqsStores {
  readonly s3Store: S3Store;
  readonly sqsStore: SqsStore;
  readonly snsStore: SnsStore;
  /** Ends the file; the stores take nothing afterwards. */
  close(): void;
}

/** Messages that come back after their visibility timeout. */
class Persistence extends PersistenceManager {
  /**
   * fauxqs writes NULL into a NOT NULL column here, and the failure would end the process. Nothing need be written: what is
   * loaded with a deadline in the past is ready at once.
   */
  override updateMessageReady(): void {}
}

/** Opens the stores on their file; makes the folder if it is missing. */
export function openStores(dataDir: string): FauxqsStores {
  const stores = { s3Store: new OrderedS3Store(), sqsStore: new SqsStore(), snsStore: new SnsStore() };
  const persistence = new Persistence(dataDir);
  // Loaded before the stores write through: a row that is written again takes its dependants with it (ON DELETE CASCADE).
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const store of Object.values(stores)) store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  return { ...stores, close: () => persistence.close() };
}

type Listing = ReturnType<S3Store['listObjects']>;
type ListOptions = NonNullable<Parameters<S3Store['listObjects']>[1]>;

/** Lists keys by their bytes, as S3 does. fauxqs sorts by language and pages by bytes, and so loses keys between two pages. */
class OrderedS3Store extends S3Store {
  override listObjects(bucket: string, options: ListOptions = {}): Listing {
    const { prefix = '', delimiter, maxKeys = 1_000, startAfter = options.marker } = options;
    const all = super.listObjects(bucket, { prefix, maxKeys: Number.MAX_SAFE_INTEGER }).objects;
    const page = { prefix, delimiter, after: startAfter, countMax: maxKeys };
    const { items, prefixes, next } = namePage(all, ({ key }) => key, page);
    return { objects: items, commonPrefixes: prefixes, isTruncated: next !== undefined };
  }
}
