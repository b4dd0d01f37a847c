// What is known of notifications: how attempts end, and how many wait for how long.
import type { NotificationTemplate } from '#contracts/notifications.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import { Counter, Gauge, type Registry } from '#runtime/metrics.ts';
import type { NotificationState, NotificationStore } from './domain.ts';

export interface NotificationMetrics {
  attempted(template: NotificationTemplate, state: NotificationState): void;
  handedAgain(template: NotificationTemplate): void;
}

type Backlog = Awaited<ReturnType<NotificationStore['backlog']>>;

export function createNotificationMetrics(
  registry: Registry,
  store: Pick<NotificationStore, 'backlog'>,
  log: Logger,
): NotificationMetrics {
  const attempts = new Counter({
    name: 'notification_attempts_total',
    help: 'Attempts at notifications by how they ended; pending: it is tried again',
    labelNames: ['template', 'state'],
    registers: [registry],
  });
  const handedAgain = new Counter({
    name: 'notification_handed_again_total',
    help: 'Mails given to a mail server again since a sender vanished while it had them: they may arrive twice',
    labelNames: ['template'],
    registers: [registry],
  });
  // Asked at each scrape: every replica reports the same, no matter which one sends.
  const gauge = (name: string, help: string, read: (backlog: Backlog) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        try {
          this.set(read(await store.backlog()));
        } catch (error) {
          log.debug({ reason: messageOf(error) }, 'notifications not counted');
        }
      },
    });
  gauge('notification_waiting', 'Notifications that are neither sent nor given up', ({ waiting }) => waiting);
  gauge(
    'notification_oldest_age_seconds',
    'Age of the oldest notification that is neither sent nor given up, 0 when none is',
    ({ oldestSeconds }) => oldestSeconds,
  );
  return {
    attempted: (template, state) => attempts.inc({ template, state }),
    handedAgain: (template) => handedAgain.inc({ template }),
  };
}
