// Firestore: one document per window and label, holding its highest revision.
import { type DocumentData, Firestore } from '@google-cloud/firestore';
import { newestTotals } from '#contracts/firestore.ts';
import type { GoogleLogin } from '#runtime/google-identity.ts';
import { BadQuery, type Store } from './store.ts';
import { cellsOf, TOTAL_COLUMNS } from './window-totals.ts';

/** As `documentId` of the contract makes them: a size label and the start of a window. */
const DOCUMENT_ID = /^[\w-]{1,64}_[\d:.TZ-]{1,40}$/;

/**
 * Documents, newest window first. `FIRESTORE_EMULATOR_HOST` is read by the client library itself.
 * @param login by default what the client finds in its environment
 */
export function firestoreStore(
  projectId: string,
  databaseId: string,
  login?: GoogleLogin,
): Store & { close(): Promise<void> } {
  const firestore = new Firestore({
    projectId,
    databaseId,
    useBigInt: true,
    // For the library below it (google-gax 6.17, `GrpcClient`): its own types know keys alone.
    ...(login ? { authClient: login } : {}),
  });
  const collection = firestore.collection(newestTotals.collection);
  const [{ field, direction }] = newestTotals.orderBy;
  return {
    name: 'firestore',
    title: 'Firestore',
    async read({ limit, after }) {
      let query = collection.orderBy(field, direction).limit(limit + 1);
      if (after !== undefined) {
        const last = DOCUMENT_ID.test(after) ? await collection.doc(after).get() : undefined;
        if (!last?.exists)
          throw new BadQuery('after must be the next of a page before: a document that is there.');
        query = query.startAfter(last);
      }
      const { docs } = await query.get();
      const shown = docs.slice(0, limit);
      return {
        about: `Collection ${newestTotals.collection}: one document per window and size label, replaced by each later revision.`,
        views: [],
        columns: [{ name: 'document' }, ...TOTAL_COLUMNS],
        rows: shown.map((doc) => [doc.id, ...cellsOf(totalOf(doc.data()))]),
        ...(docs.length > limit ? { next: shown.at(-1)!.id } : {}),
      };
    },
    close: () => firestore.terminate(),
  };
}

/** Integers come as bigint, so that bytes are exact; the contract has counts as numbers and bytes as digits. */
function totalOf(document: DocumentData): unknown {
  const { bytes, lateBytes, ...rest } = document;
  const counts = Object.entries(rest).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? Number(value) : value,
  ]);
  return { ...Object.fromEntries(counts), bytes: String(bytes), lateBytes: String(lateBytes) };
}
