// What a batch of one of the shop's topics becomes: a document per event, and revenue. No input or output.
import { createHash } from 'node:crypto';
import type { ActivityKind, UserActivity } from '#contracts/activity.ts';
import type { Sums } from '../fold.ts';
import { type RevenueDelta, RevenueTotals } from './revenue.ts';
import type { Activity } from './topology.ts';

/** A document of `user_activity` under its id. */
export interface ActivityDocument extends UserActivity {
  readonly id: string;
}

/** The rows of one batch. */
export interface ActivityRows {
  readonly documents: readonly ActivityDocument[];
  readonly revenue: readonly RevenueDelta[];
}

export class ActivitySums implements Sums<Activity, ActivityRows> {
  private readonly documents: ActivityDocument[] = [];
  private readonly revenue = new RevenueTotals();

  add(activity: Activity): void {
    const { source, id, kind, timeMs, facts } = activity;
    const occurredAt = new Date(timeMs).toISOString();
    this.documents.push({ id: documentId(kind, source, id), kind, occurredAt, ...facts });
    this.revenue.add(activity);
  }

  rows(): ActivityRows {
    const documents = this.documents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return { documents, revenue: this.revenue.deltas() };
  }
}

/** The same for each delivery of an event; contracts/activity.ts tells how and why. */
export const documentId = (kind: ActivityKind, source: string, id: string): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, source, id]))
    .digest('base64url');
