// Every query that is asked of Firestore, and the composite indexes that follow from them. Terraform makes exactly these: a
// query that is missing here fails in production with FAILED_PRECONDITION. Owner: analytics.
import { USER_ACTIVITY_COLLECTION } from './activity.ts';
import { ANALYTICS_EVENTS_COLLECTION } from './analytics.ts';

/** Firestore's own name of a document's id, as a field to sort by. */
export const DOCUMENT_ID = '__name__';

export type Direction = 'asc' | 'desc';

/** A field to sort by, or a field of an index. */
export interface OrderedField {
  readonly field: string;
  readonly direction: Direction;
}

/** A query as far as it decides which index serves it: its limit and its values do not. */
export interface FirestoreQuery {
  /** Says what is asked for. */
  readonly name: string;
  readonly collection: string;
  /** Fields that must equal a value. */
  readonly equals: readonly string[];
  /** Empty: by document id. A range of values may be asked of the first one without another index. */
  readonly orderBy: readonly OrderedField[];
}

/** `analytics/reconcile` reads all totals, page by page. */
export const totalsByDocument = {
  name: 'totals by document',
  collection: ANALYTICS_EVENTS_COLLECTION,
  equals: ['kind'],
  orderBy: [{ field: DOCUMENT_ID, direction: 'asc' }],
} as const satisfies FirestoreQuery;

/** What the console tells of all totals, a page at a time. */
export const newestTotals = {
  name: 'newest totals',
  collection: ANALYTICS_EVENTS_COLLECTION,
  equals: [],
  orderBy: [{ field: 'windowStart', direction: 'desc' }],
} as const satisfies FirestoreQuery;

/** Declared for analysts and dashboards: the history of one size label. */
export const newestTotalsOfSize = {
  name: 'newest totals of a size label',
  collection: ANALYTICS_EVENTS_COLLECTION,
  equals: ['sizeLabel'],
  orderBy: [{ field: 'windowStart', direction: 'desc' }],
} as const satisfies FirestoreQuery;

/** `analytics/reconcile` reads all activity, page by page. */
export const activityByDocument = {
  name: 'activity by document',
  collection: USER_ACTIVITY_COLLECTION,
  equals: [],
  orderBy: [{ field: DOCUMENT_ID, direction: 'asc' }],
} as const satisfies FirestoreQuery;

/** Declared for support and dashboards: what one person did last. */
export const newestActivityOfUser = {
  name: 'newest activity of a user',
  collection: USER_ACTIVITY_COLLECTION,
  equals: ['userId'],
  orderBy: [{ field: 'occurredAt', direction: 'desc' }],
} as const satisfies FirestoreQuery;

/** Declared for dashboards: the last payments, say. */
export const newestActivityOfKind = {
  name: 'newest activity of a kind',
  collection: USER_ACTIVITY_COLLECTION,
  equals: ['kind'],
  orderBy: [{ field: 'occurredAt', direction: 'desc' }],
} as const satisfies FirestoreQuery;

/** In a fixed order: that in which the indexes are made. */
export const FIRESTORE_QUERIES: readonly FirestoreQuery[] = [
  totalsByDocument,
  newestTotals,
  newestTotalsOfSize,
  activityByDocument,
  newestActivityOfUser,
  newestActivityOfKind,
];

/** An index over two fields or more. Firestore ends each by the document id, in the direction of its last field. */
export interface CompositeIndex {
  readonly collection: string;
  readonly fields: readonly OrderedField[];
}

/**
 * What the queries need beyond the single-field indexes that Firestore keeps by itself, each once. Equal fields come first,
 * then the order (Firestore, "Index types", "Manage indexes").
 * @throws RangeError when no index could serve a query
 */
export function compositeIndexes(queries: readonly FirestoreQuery[]): CompositeIndex[] {
  const found = new Map<string, CompositeIndex>();
  for (const query of queries) {
    const index = indexOf(query);
    if (index) found.set(keyOf(index, query), found.get(keyOf(index, query)) ?? index);
  }
  return [...found.values()];
}

function indexOf({ name, collection, equals, orderBy }: FirestoreQuery): CompositeIndex | undefined {
  // Sorting by a field that has one value changes nothing.
  const order = withoutDefaultEnd(orderBy.filter(({ field }) => !equals.includes(field)));
  // Single-field indexes hold the documents of a value by document id, and Firestore merges several of them.
  if (order.length === 0) return undefined;
  // The direction of a field with one value does not matter.
  const fields = [...equals.map((field): OrderedField => ({ field, direction: 'asc' })), ...order];
  if (fields.length > 1) return { collection, fields };
  if (fields[0]?.field === DOCUMENT_ID)
    throw new RangeError(`${name}: no index has a whole collection by descending document id`);
  return undefined;
}

/** Without a closing document id in the direction that Firestore gives it anyway: that of the field before. */
function withoutDefaultEnd(order: readonly OrderedField[]): readonly OrderedField[] {
  const last = order.at(-1);
  const isDefault = last?.field === DOCUMENT_ID && last.direction === (order.at(-2)?.direction ?? 'asc');
  return isDefault ? order.slice(0, -1) : order;
}

/** Equal fields may be in any order: two queries that differ in it share an index. */
const keyOf = ({ collection, fields }: CompositeIndex, { equals }: FirestoreQuery): string =>
  JSON.stringify([collection, equals.toSorted(), fields.slice(equals.length)]);
