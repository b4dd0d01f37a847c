// What the seller's forms take: pages say it, and routes hold to it.

export const NAME_CHARS_MAX = 200;
export const DESCRIPTION_CHARS_MAX = 5_000;
/** As the product service takes it in one adjustment. */
export const PIECES_MAX = 10_000_000;
/** Why pieces come or go, as people may say; `sold` is the orders' own. */
export const ADJUSTMENT_REASONS = ['delivered', 'counted', 'damaged', 'returned'] as const;
