// The cart of a visitor who has not signed in: product ids and quantities in a cookie. It is merged into their own at sign-in.
export interface GuestLine {
  readonly productId: string;
  readonly quantity: number;
}

export const QUANTITY_MAX = 99;
/** As many as fit a cookie; the cart service takes 50. */
export const GUEST_LINES_MAX = 20;
const LINE = /^([A-Za-z0-9_-]{1,64})\.([1-9]\d?)$/;

/** What cannot be read is left out: a browser may send anything. */
export function readGuestCart(cookie: string | undefined): GuestLine[] {
  const lines = new Map<string, number>();
  for (const part of (cookie ?? '').split('~')) {
    const [, productId, quantity] = LINE.exec(part) ?? [];
    if (productId && quantity && lines.size < GUEST_LINES_MAX) lines.set(productId, Number(quantity));
  }
  return [...lines].map(([productId, quantity]) => ({ productId, quantity }));
}

export const writeGuestCart = (lines: readonly GuestLine[]): string =>
  lines.map(({ productId, quantity }) => `${productId}.${quantity}`).join('~');

/** Sets a quantity; 0 takes the line out. */
export function withLine(lines: readonly GuestLine[], productId: string, quantity: number): GuestLine[] {
  const known = lines.some((line) => line.productId === productId);
  const changed = known
    ? lines.map((line) => (line.productId === productId ? { productId, quantity } : line))
    : [...lines, { productId, quantity }];
  return changed.filter((line) => line.quantity > 0);
}
