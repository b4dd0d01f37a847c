// Notifications over HTTP, for admins: what waits, what failed, and another try.
import { z } from 'zod';
import { id } from '#contracts/ids.ts';
import { notificationTemplate } from '#contracts/notifications.ts';
import {
  cursorPage,
  cursorTime,
  decodeCursor,
  Problem,
  pageOf,
  pageQuery,
  type Route,
  route,
} from '#runtime/http/api.ts';
import type { NotificationStore } from './domain.ts';

const stateName = z.enum(['pending', 'sending', 'sent', 'dropped', 'failed']);
const notificationId = id;
const listed = z.object({
  notificationId,
  userId: z.string(),
  template: notificationTemplate,
  state: stateName,
  attempts: z.int(),
  reason: z.string().optional(),
  createdAt: z.string(),
});
const position = z.object({ createdAt: cursorTime, notificationId });

/** The endpoints of notifications. */
export const notificationRoutes = (store: NotificationStore): Route[] => [
  route(
    {
      method: 'GET',
      url: '/notifications',
      access: 'admin',
      summary: 'Notifications in a state, newest first. No address is among it: none is kept.',
      query: pageQuery.extend({ state: stateName.default('failed') }),
      answers: { 200: cursorPage(listed) },
    },
    async ({ query: { state, limit, cursor } }) => {
      const rows = await store.list(state, limit + 1, decodeCursor(cursor, position));
      const positionOf = (row: (typeof rows)[number]) => ({
        createdAt: row.createdAt,
        notificationId: row.notificationId,
      });
      return { status: 200, body: pageOf(rows, limit, positionOf, (row) => row) };
    },
  ),
  route(
    {
      method: 'POST',
      url: '/notifications/:notificationId/retry',
      access: 'admin',
      summary: 'Makes a failed notification due again.',
      params: z.object({ notificationId }),
      answers: { 202: null },
      problems: [404, 409],
      isIdempotent: true,
    },
    async ({ params }) => {
      const result = await store.retry(params.notificationId);
      if (result === 'unknown') throw new Problem(404, 'not-found', 'There is no such notification.');
      if (result === 'not-failed')
        throw new Problem(409, 'not-failed', 'Only a failed notification can be tried again.');
      return { status: 202 };
    },
  ),
];
