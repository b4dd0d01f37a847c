// What the product service listens to: orders, for their stock, and renditions, for the products' photos.
import { orderCancelled, orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Gallery } from './photos/domain.ts';
import type { Reservations } from './stock/domain.ts';

/** Every event may come again: each handler takes effect once. */
export const productConsumers = (reservations: Reservations, gallery: Gallery): Subscription[] => [
  subscription(orderPlaced, reservations.placed),
  subscription(orderConfirmed, reservations.confirmed),
  subscription(orderCancelled, reservations.cancelled),
  subscription(productImagesProcessed, gallery.attach),
];
