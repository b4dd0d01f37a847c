// What the product service listens to: orders, for their stock, and renditions and rejections, for the products' photos.
import { orderCancelled, orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Gallery, UploadLog } from './photos/domain.ts';
import type { Reservations } from './stock/domain.ts';

/** Every event may come again: each handler takes effect once. */
export const productConsumers = (
  reservations: Reservations,
  gallery: Gallery,
  uploadLog: UploadLog,
): Subscription[] => [
  subscription(orderPlaced, reservations.placed),
  subscription(orderConfirmed, reservations.confirmed),
  subscription(orderCancelled, reservations.cancelled),
  subscription(productImagesProcessed, gallery.attach),
  subscription(productImagesRejected, uploadLog.rejected),
];
