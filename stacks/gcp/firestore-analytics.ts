// Firestore for totals and activity, with exactly the indexes that the declared queries need.
import { FirestoreDatabase } from '@cdktf/provider-google/lib/firestore-database/index.js';
import { FirestoreIndex } from '@cdktf/provider-google/lib/firestore-index/index.js';
import { Construct } from 'constructs';
import { type CompositeIndex, compositeIndexes, FIRESTORE_QUERIES } from '#contracts/firestore.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { WorkloadIdentity } from './workload-identity.ts';

/** The database of clients that name none; each environment has its own project. */
const DATABASE = '(default)';

export class FirestoreAnalytics extends Construct {
  readonly databaseName: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { settings } = PlatformStack.of(this);
    const database = new FirestoreDatabase(this, 'database', {
      name: DATABASE,
      locationId: settings.gcp.region,
      type: 'FIRESTORE_NATIVE',
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_ENABLED',
      deleteProtectionState: settings.isProtected
        ? 'DELETE_PROTECTION_ENABLED'
        : 'DELETE_PROTECTION_DISABLED',
      // By default a destroy only removes the database from the state, and the next apply finds its name taken. Where the environment
      // is protected that is wanted: the database outlives even a plan that lifts all locks.
      deletionPolicy: settings.isProtected ? 'ABANDON' : 'DELETE',
      lifecycle: keepsData(settings),
    });
    this.databaseName = database.name;
    let before: FirestoreIndex | undefined;
    // One after the other: Firestore refuses changes of a database in which one is under way.
    for (const index of compositeIndexes(FIRESTORE_QUERIES)) before = this.index(index, before);
  }

  /** Reading and writing documents, in this database only. */
  usableBy(identity: WorkloadIdentity): void {
    this.allow(identity, 'datastore.user');
  }

  /** Reading documents, in this database only. */
  readableBy(identity: WorkloadIdentity): void {
    this.allow(identity, 'datastore.viewer');
  }

  private allow(identity: WorkloadIdentity, role: string): void {
    const { projectId } = PlatformStack.of(this).settings.gcp;
    identity.allow(role, {
      title: 'analytics-database',
      description: 'Only the database of the analytics side',
      expression: `resource.name == "projects/${projectId}/databases/${this.databaseName}"`,
    });
  }

  /** Firestore itself adds the document id at the end, and the provider leaves it there. */
  private index({ collection, fields }: CompositeIndex, before: FirestoreIndex | undefined): FirestoreIndex {
    const name = fields.map(({ field, direction }) => `${field}-${direction}`).join('-');
    return new FirestoreIndex(this, `${collection}-${name}`, {
      database: this.databaseName,
      collection,
      queryScope: 'COLLECTION',
      fields: fields.map(({ field, direction }) => ({
        fieldPath: field,
        order: direction === 'asc' ? 'ASCENDING' : 'DESCENDING',
      })),
      ...(before ? { dependsOn: [before] } : {}),
    });
  }
}
