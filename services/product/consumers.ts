// What the product service listens to: orders, for their stock, and renditions and rejections, for the products' photos. At least once and in any order:
// each event takes effect once.
import type { Event } from '#contracts/envelope.ts';
import { orderCancelled, orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { causeOf } from '#runtime/decisions.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import { type Gallery, rejectionFault, type UploadLog } from './photos/domain.ts';
import type { Command, Reservations } from './stock/domain.ts';

export function productConsumers(
  reservations: Reservations,
  gallery: Gallery,
  uploadLog: UploadLog,
): Subscription[] {
  const handle = async <Data extends { readonly orderId: string }>(
    topic: Topic<Data>,
    event: Event<Data>,
    command: Command,
  ): Promise<void> => {
    const { orderId } = event.data;
    const { decision } = await reservations.handle(orderId, command, { cause: causeOf(topic, event) });
    if (decision.kind === 'impossible')
      throw new RefusedEvent(decision.why, `order ${orderId}: ${decision.detail}`, { orderId });
  };
  return [
    subscription(orderPlaced, (event) => handle(orderPlaced, event, { kind: 'reserve', order: event.data })),
    subscription(orderConfirmed, (event) =>
      handle(orderConfirmed, event, { kind: 'sell', order: event.data }),
    ),
    subscription(orderCancelled, (event) =>
      handle(orderCancelled, event, { kind: 'release', order: event.data }),
    ),
    subscription(productImagesProcessed, async (event) => {
      const { productId } = event.data;
      const command = { made: event.data, uploadedAtMs: event.timeMs, nowMs: Date.now() };
      const cause = causeOf(productImagesProcessed, event);
      const { decision } = await gallery.handle(productId, command, { cause });
      if (decision.kind === 'impossible')
        throw new RefusedEvent(decision.why, `a rendition of product ${productId}`, { productId });
    }),
    subscription(productImagesRejected, async (event) => {
      const { reason } = event.data;
      const fault = rejectionFault(event.timeMs, Date.now());
      if (fault) throw new RefusedEvent(fault, 'a rejected photo', { reason });
      await uploadLog.rejected(event);
    }),
  ];
}
