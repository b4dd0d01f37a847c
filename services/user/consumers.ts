// No events in: the user service knows nothing of the rest of the shop.
import type { Subscription } from '#runtime/kafka/subscription.ts';

export const consumers: readonly Subscription[] = [];
