// What customers notice beside their orders: signing in, mails, stock that is held. From the metrics of user, notification and product.
import { notificationService, productService, userService } from '#contracts/shop-processes.ts';
import { orZero, type Query } from './query.ts';

export const customers = {
  signIns: {
    title: 'Attempts to sign in',
    promql: orZero('sum by (process, outcome) (rate(sign_ins_total{$scope}[$window]))'),
    unit: 'cps',
    about:
      'Attempts each second: signed-in, refused, or locked after too many. A crowd of refusals is somebody who tries passwords.',
    legend: '{{outcome}}',
    source: { processes: [userService.name] },
  },
  refreshes: {
    title: 'Uses of refresh tokens',
    promql: orZero('sum by (process, outcome) (rate(refreshes_total{$scope}[$window]))'),
    unit: 'cps',
    about: 'Sessions that go on. revoke-family: a token came a second time, as when somebody else has it.',
    legend: '{{outcome}}',
    source: { processes: [userService.name] },
  },
  mails: {
    title: 'Mails attempted',
    promql: orZero('sum by (process, template, state) (rate(notification_attempts_total{$scope}[$window]))'),
    unit: 'cps',
    about: 'Attempts each second by how they ended; pending: it is tried again, failed: it is given up.',
    legend: '{{template}} {{state}}',
    source: { processes: [notificationService.name] },
  },
  mailsWaiting: {
    title: 'Mails waiting',
    promql: 'max by (process) (notification_waiting{$scope})',
    unit: 'short',
    about: 'Mails that are neither sent nor given up.',
    legend: 'waiting',
    source: { processes: [notificationService.name] },
  },
  mailsOldest: {
    title: 'Oldest mail waiting',
    promql: 'max by (process) (notification_oldest_age_seconds{$scope})',
    unit: 's',
    about: 'Age of the oldest mail that is neither sent nor given up.',
    legend: 'oldest',
    source: { processes: [notificationService.name] },
  },
  mailsTwice: {
    title: 'Mails handed over again',
    promql: orZero('sum by (process, template) (increase(notification_handed_again_total{$scope}[$window]))'),
    unit: 'short',
    about:
      'Mails given to the mail server again since a sender vanished while it had them: customers may have them twice.',
    legend: '{{template}}',
    source: { processes: [notificationService.name] },
  },
  reservationAge: {
    title: 'Oldest open reservation',
    promql: 'max by (process) (product_reservation_open_age_seconds{$scope})',
    unit: 's',
    about:
      'Age of the oldest stock that is set aside for an order which is neither confirmed nor cancelled. Orders expire after 15 minutes.',
    legend: 'oldest',
    source: { processes: [productService.name] },
  },
} as const satisfies Readonly<Record<string, Query>>;
