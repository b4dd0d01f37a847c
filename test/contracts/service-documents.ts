// The routes of every service as it is deployed, and the OpenAPI documents made of them. Routes are only described here, never
// called: the fuzz beside this holds the served document of the wired services against the committed one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route } from '#runtime/http/api.ts';
import { openApi } from '#runtime/http/openapi.ts';
import { cartRoutes } from '../../services/cart/http.ts';
import { notificationRoutes } from '../../services/notification/http.ts';
import { orderRoutes } from '../../services/order/http.ts';
import { paymentRoutes } from '../../services/payment/http.ts';
import { stripeWebhook } from '../../services/payment/provider-choice.ts';
import { productRoutes } from '../../services/product/http.ts';
import { userRoutes } from '../../services/user/http.ts';

/** What a handler would need; no handler is called here. */
const uncalled = {} as never;

/** The deployed form of each: mails leave by SMTP, so there is no mailbox page; payments have the webhook of Stripe. */
export const SERVICE_ROUTES: Readonly<Record<string, readonly Route[]>> = {
  cart: cartRoutes(uncalled),
  notification: notificationRoutes(uncalled),
  order: orderRoutes(uncalled),
  payment: paymentRoutes({ store: uncalled, collector: uncalled, webhook: stripeWebhook([], uncalled) }),
  product: productRoutes({
    catalogue: uncalled,
    products: uncalled,
    warehouse: uncalled,
    uploads: uncalled,
    uploadLog: uncalled,
    imagesBaseUrl: '',
  }),
  user: userRoutes(uncalled),
};

/** Where the document of a service is committed. */
export const documentFileOf = (service: string): string =>
  join(import.meta.dirname, '../../services', service, 'openapi.json');

/** The document as clients read it: parsed JSON. */
export const documentOfToday = (service: string): unknown =>
  JSON.parse(JSON.stringify(openApi(service, SERVICE_ROUTES[service]!)));

export const committedDocument = async (service: string): Promise<unknown> =>
  JSON.parse(await readFile(documentFileOf(service), 'utf8'));

/** The message for a person; undefined when the committed document is the present one. */
export async function documentFault(service: string): Promise<string | undefined> {
  const committed = await committedDocument(service).catch(() => undefined);
  if (committed === undefined) return `services/${service}/openapi.json is missing: npm run openapi`;
  if (JSON.stringify(committed) === JSON.stringify(documentOfToday(service))) return undefined;
  return `services/${service}/openapi.json differs from its routes; look at the difference: npm run openapi && git diff`;
}
