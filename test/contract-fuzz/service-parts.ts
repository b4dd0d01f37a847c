// The six services with their real stores on fresh databases, and things in them whose ids a request may name. No Kafka: what
// they publish waits in their outboxes.
import { randomUUID } from 'node:crypto';
import { orderConfirmed } from '#contracts/shop-topics.ts';
import { loadConfig } from '#runtime/config.ts';
import type { Route } from '#runtime/http/api.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { cartRoutes } from '../../services/cart/http.ts';
import { createCartStore } from '../../services/cart/store.ts';
import { notificationRoutes } from '../../services/notification/http.ts';
import { openStage } from '../../services/notification/test-stage.ts';
import { orderRoutes } from '../../services/order/http.ts';
import { createPlacement } from '../../services/order/placement.ts';
import { createPriceList } from '../../services/order/price-list.ts';
import { paymentRoutes } from '../../services/payment/http.ts';
import { stripeWebhook } from '../../services/payment/provider-choice.ts';
import { CUSTOMER, openPaymentStage } from '../../services/payment/test-payments.ts';
import { productConfig } from '../../services/product/config.ts';
import { productRoutes } from '../../services/product/http.ts';
import { createPhotoUploads } from '../../services/product/photos/uploads.ts';
import { openProduct } from '../../services/product/test-product.ts';
import { freshDatabase } from '../fresh.ts';
import { openOrderRig } from '../order-rig.ts';
import { openUserRig } from '../user-rig.ts';

/** What a service is made of before it is served. */
export interface ServiceParts {
  readonly pool: Pool;
  readonly schema: string;
  readonly routes: readonly Route[];
  readonly known: readonly string[];
  readonly customerId: string;
  close(): Promise<unknown>;
}

const PRODUCTS = ['tea', 'cup', 'mug'];
const price = { amountMinor: 450, currency: 'EUR' };

async function cart(): Promise<ServiceParts> {
  const database = await freshDatabase();
  const log = createLogger('fuzz', 'silent');
  const pool = createPool({ connectionString: database.url, applicationName: 'fuzz', schema: 'cart', log });
  await migrateService(pool, 'cart', `${import.meta.dirname}/../../services/cart/migrations`, log);
  const store = createCartStore(pool);
  for (const productId of PRODUCTS) {
    await store.learnProduct({
      productId,
      version: 1,
      name: productId,
      price,
      isActive: productId !== 'mug',
    });
  }
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  return { pool, schema: 'cart', routes: cartRoutes(store), known: PRODUCTS, customerId: 'fuzz-1', close };
}

async function notification(): Promise<ServiceParts> {
  const database = await freshDatabase();
  const stage = await openStage(database.url);
  for (let n = 0; n < 30; n += 1) {
    await stage.arrive(orderConfirmed, { orderId: `o-${n}`, userId: 'u-1', paymentId: 'p-1', total: price });
  }
  await stage.pool.query(`UPDATE notification SET state = 'failed', reason = 'attempts-exhausted'`);
  const { rows } = await stage.pool.query<{ id: string }>('SELECT notification_id AS id FROM notification');
  return {
    pool: stage.pool,
    schema: 'notification',
    routes: notificationRoutes(stage.store),
    known: rows.map(({ id }) => id),
    customerId: 'u-1',
    close: async () => {
      await stage.close();
      await database.drop();
    },
  };
}

async function order(): Promise<ServiceParts> {
  const rig = await openOrderRig();
  for (const productId of PRODUCTS) await rig.sell(productId, 450, { isActive: productId !== 'mug' });
  const placed = await Promise.all(Array.from({ length: 30 }, () => rig.place('fuzz-1')));
  return {
    pool: rig.pool,
    schema: 'order',
    routes: orderRoutes({
      orders: rig.orders,
      place: createPlacement(rig.orders, createPriceList(rig.pool)),
    }),
    known: [...PRODUCTS, ...placed.map(({ body }) => body.orderId)],
    customerId: 'fuzz-1',
    close: rig.close,
  };
}

async function payment(): Promise<ServiceParts> {
  const stage = await openPaymentStage(await freshDatabase());
  const { store, collector, request } = stage.replica();
  const orders = Array.from({ length: 20 }, () => `order-${randomUUID()}`);
  for (const orderId of orders) await request(orderId, 'pm_card_visa');
  const webhook = stripeWebhook(['whsec_fuzz'], collector.accept);
  return {
    pool: stage.pool,
    schema: 'payment',
    routes: paymentRoutes({ store, collector, webhook }),
    known: orders,
    customerId: CUSTOMER,
    close: async () => {
      await collector.idle();
      await stage.close();
    },
  };
}

async function product(): Promise<ServiceParts> {
  const shop = await openProduct(await freshDatabase());
  for (const productId of PRODUCTS) await shop.stock(productId, 10);
  const { AWS_ENDPOINT_URL_S3, S3_FORCE_PATH_STYLE, AWS_REGION } = productConfig;
  const storage = loadConfig({ AWS_ENDPOINT_URL_S3, S3_FORCE_PATH_STYLE, AWS_REGION });
  const uploads = createPhotoUploads({ ...storage, PRODUCT_IMAGES_BUCKET: 'fuzz' });
  return {
    pool: shop.pool,
    schema: 'product',
    routes: productRoutes({ ...shop, uploads, imagesBaseUrl: 'https://images.example' }),
    known: PRODUCTS,
    customerId: 'fuzz-1',
    close: shop.close,
  };
}

async function user(): Promise<ServiceParts> {
  const rig = await openUserRig();
  const ada = await rig.signUp('ada@mail.example');
  const known = [ada.userId, 'ada@mail.example', 'eve@mail.example', 'four unrelated words here'];
  for (const { challengeId } of await rig.eventsOf('user.challenge-issued')) known.push(challengeId!);
  known.push((await rig.signIn('ada@mail.example')).body.refreshToken);
  return { ...rig, schema: 'users', known, customerId: ada.userId };
}

/** Starts one. */
export const OPENERS = { cart, notification, order, payment, product, user };
