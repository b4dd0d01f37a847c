// Settings of the cart service.
import { wholeNumber } from '#runtime/config.ts';
import { serviceConfig } from '#runtime/service.ts';

export const cartConfig = {
  ...serviceConfig,
  CART_KEPT_DAYS: wholeNumber(1, 3650).default(90).describe('days after which an untouched cart is deleted'),
};
