// Every export of the contracts by its name in code, so that a use in the syntax tree can be found by its identifier.
import * as analytics from '#contracts/analytics.ts';
import * as images from '#contracts/images.ts';
import * as notifications from '#contracts/notifications.ts';
import * as orders from '#contracts/orders.ts';
import * as payments from '#contracts/payments.ts';
import * as products from '#contracts/products.ts';
import * as shopTopics from '#contracts/shop-topics.ts';
import * as topics from '#contracts/topics.ts';
import * as users from '#contracts/users.ts';
import type { ContractNames } from './topic-uses.ts';

export const contractNames: ContractNames = {
  ...analytics,
  ...images,
  ...notifications,
  ...orders,
  ...payments,
  ...products,
  ...shopTopics,
  ...topics,
  ...users,
};
