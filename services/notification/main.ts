// The notification service: wires settings, the user service, the mail server and the sender.
import { notificationService } from '#contracts/shop-processes.ts';
import { DAY_MS } from '#contracts/topic.ts';
import { createBell } from '#runtime/bell.ts';
import { AppError } from '#runtime/errors.ts';
import { tokenFromFile } from '#runtime/http/service-token.ts';
import { purgeJob } from '#runtime/jobs.ts';
import { runService } from '#runtime/service.ts';
import { createAddressBook } from './address-book.ts';
import { notificationConfig } from './config.ts';
import { notificationConsumers } from './consumers.ts';
import { dispatchRound } from './dispatch.ts';
import { notificationRoutes } from './http.ts';
import { mailTransport } from './mail/transport.ts';
import { createNotificationMetrics } from './metrics.ts';
import { createNotificationStore } from './store.ts';

/** For what another replica has recorded, and could not send. */
const DISPATCH_EVERY_MS = 10_000;
const FORGET_EVERY_MS = 3_600_000;
const FORGET_COUNT_MAX = 1_000;
/** Far longer than topics keep their events: a row is also what stops a second mail about the same event. */
const KEPT_MS = 30 * DAY_MS;

runService({
  process: notificationService,
  config: notificationConfig,
  migrations: `${import.meta.dirname}/migrations`,
  build: ({ config, pool, log, registry }) => {
    const { SERVICE_TOKEN_FILE: tokenFile } = config;
    if (!tokenFile) throw new AppError('config-invalid', 'SERVICE_TOKEN_FILE: needed to ask for addresses');
    const due = createBell();
    const store = createNotificationStore(pool, due.ring);
    const { mailer, routes } = mailTransport(config, pool);
    const parts = {
      store,
      mailer,
      addresses: createAddressBook(config.USER_SERVICE_URL, tokenFromFile(tokenFile)),
      letters: { shopName: config.SHOP_NAME, shopUrl: config.SHOP_URL },
      messageDomain: config.MAIL_FROM.split('@').at(-1)!,
      attemptsMax: config.MAIL_ATTEMPTS_MAX,
      metrics: createNotificationMetrics(registry, store, log),
      log,
    };
    const forget = async () => (await store.forgetFinished(KEPT_MS, FORGET_COUNT_MAX)) === FORGET_COUNT_MAX;
    return {
      routes: [...notificationRoutes(store), ...routes],
      consumers: notificationConsumers(store),
      jobs: [
        {
          name: 'dispatch',
          everyMs: DISPATCH_EVERY_MS,
          run: () => dispatchRound(parts),
          nextDueMs: store.nextDueMs,
          bell: due,
        },
        purgeJob('forget-finished', FORGET_EVERY_MS, forget),
      ],
    };
  },
});
