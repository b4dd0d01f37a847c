// What Firestore holds: every document of kind `image-bytes`, page by page in the order of their ids.
import { FieldPath, Firestore } from '@google-cloud/firestore';
import { totalsByDocument } from '#contracts/firestore.ts';
import { type PublishedText, readPublished } from './published.ts';
import type { Settings } from './settings.ts';

const PAGE = 1_000;

/** Each document under its id, read as a published total. */
export async function readDocuments(settings: Settings): Promise<PublishedText[]> {
  const firestore = new Firestore({
    projectId: settings.GOOGLE_CLOUD_PROJECT,
    databaseId: settings.FIRESTORE_DATABASE,
    // Sums may pass 2^53.
    useBigInt: true,
    ...(settings.FIRESTORE_EMULATOR_HOST ? { host: settings.FIRESTORE_EMULATOR_HOST, ssl: false } : {}),
  });
  try {
    const [kind] = totalsByDocument.equals;
    const inOrder = firestore
      .collection(totalsByDocument.collection)
      .where(kind, '==', 'image-bytes')
      .orderBy(FieldPath.documentId())
      .limit(PAGE);
    const found: PublishedText[] = [];
    for (let query = inOrder; ; ) {
      const { docs } = await query.get();
      for (const document of docs) found.push(readPublished(document.id, document.data()));
      const last = docs.at(-1);
      if (!last || docs.length < PAGE) return found;
      query = inOrder.startAfter(last);
    }
  } finally {
    await firestore.terminate();
  }
}
