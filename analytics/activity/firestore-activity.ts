// Documents of `user_activity` in Firestore: created once, never changed. A batch is one request where all are new, which
// is the common case; only where some are there already are they read and compared.
import type { DocumentSnapshot, Firestore } from '@google-cloud/firestore';
import { USER_ACTIVITY_COLLECTION } from '#contracts/activity.ts';
import { connectFirestore, type FirestoreOptions } from '../export/firestore-client.ts';
import type { ActivityStore } from './activity-store.ts';
import type { ActivityDocument } from './activity-sums.ts';

/** gRPC's status code (grpc.io, "Status codes"). */
const ALREADY_EXISTS = 6;

export function createFirestoreActivity(options: FirestoreOptions): ActivityStore {
  const firestore = connectFirestore(options);
  const collection = firestore.collection(USER_ACTIVITY_COLLECTION);
  return {
    create: async (documents) => {
      if (documents.length === 0) return [];
      try {
        await createAll(firestore, documents);
        return [];
      } catch (error) {
        if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
        return createMissing(firestore, documents);
      }
    },
    remove: async (ids) => {
      if (ids.length === 0) return;
      const batch = firestore.batch();
      for (const id of ids) batch.delete(collection.doc(id));
      await batch.commit();
    },
    close: () => firestore.terminate(),
  };
}

/** All or none. */
async function createAll(firestore: Firestore, documents: readonly ActivityDocument[]): Promise<void> {
  const collection = firestore.collection(USER_ACTIVITY_COLLECTION);
  const batch = firestore.batch();
  for (const { id, ...fields } of documents) batch.create(collection.doc(id), fields);
  await batch.commit();
}

/** Answers with the ids whose documents say something else. Another exporter in between makes it reject, and be repeated. */
async function createMissing(
  firestore: Firestore,
  documents: readonly ActivityDocument[],
): Promise<readonly string[]> {
  const collection = firestore.collection(USER_ACTIVITY_COLLECTION);
  const stored = await firestore.getAll(...documents.map(({ id }) => collection.doc(id)));
  const missing = documents.filter((_, index) => !stored[index]!.exists);
  if (missing.length > 0) await createAll(firestore, missing);
  return documents
    .filter((document, index) => stored[index]!.exists && !isSame(stored[index]!, document))
    .map(({ id }) => id);
}

function isSame(stored: DocumentSnapshot, document: ActivityDocument): boolean {
  const held = new Map<string, unknown>(Object.entries({ ...stored.data(), id: stored.id }));
  const wanted = Object.entries(document);
  return (
    held.size === wanted.length && wanted.every(([name, value]) => held.has(name) && held.get(name) === value)
  );
}
