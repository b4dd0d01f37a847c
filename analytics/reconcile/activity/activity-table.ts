// What the printed report says of activity: revenue per day and currency, and how many documents there are.
import { type ActivityReport, describeRevenue, type RevenueRow } from './revenue.ts';

/** The newest days, and every one that differs. */
export function activityCells({ revenue }: ActivityReport, newestDays: number): string[][] {
  const days = [...new Set(revenue.map(dayOf))].toSorted();
  const newest = new Set(newestDays > 0 ? days.slice(-newestDays) : []);
  const shown = revenue.filter((row) => newest.has(dayOf(row)) || !isEqual(row));
  return shown.map((row) => [
    row.key,
    describeRevenue(row.log),
    describeRevenue(row.cloudSql),
    isEqual(row) ? '' : 'differs',
  ]);
}

export const documentsLine = ({ documents: { log, cloudSql, firestore } }: ActivityReport): string =>
  `user_activity: ${log} documents by the log, ${cloudSql} in Cloud SQL, ${firestore} in Firestore`;

const dayOf = ({ key }: RevenueRow): string => key.slice(0, 10);
const isEqual = ({ log, cloudSql }: RevenueRow): boolean =>
  describeRevenue(log) === describeRevenue(cloudSql);
