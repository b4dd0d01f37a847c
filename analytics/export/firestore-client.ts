// The client of Firestore, as everything of analytics that writes there wants it.
import { Firestore } from '@google-cloud/firestore';

export interface FirestoreOptions {
  readonly projectId: string;
  readonly databaseId: string;
}

/**
 * gRPC asks for no sign of life by itself: every call would go on over a connection whose peer has vanished without a word.
 * Google's front ends refuse to be asked more often than every 30 seconds.
 */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 };

/** FIRESTORE_EMULATOR_HOST, where set, names the emulator: that is the client library's own convention. */
export const connectFirestore = ({ projectId, databaseId }: FirestoreOptions): Firestore =>
  new Firestore({ projectId, databaseId, ...KEEPALIVE });
