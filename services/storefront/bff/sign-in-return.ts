// Where a sign-in leads: back to what it was needed for. A name and never an address: a link must not lead to another site.

/** Names that the address of the sign-in takes as `next`. */
export const RETURNS = ['checkout', 'orders', 'platform', 'seller'] as const;

const isReturn = (name: string): boolean => RETURNS.some((known) => known === name);

/** Of the page with this name; undefined for any other word. */
export const returnUrl = (name: string): string | undefined => (isReturn(name) ? `/${name}` : undefined);

/** The sign-in that leads back to the subject of this address, where it has one. */
export function signInUrl(wanted: string): string {
  const [, name = ''] = /^\/([a-z]+)/.exec(wanted) ?? [];
  return isReturn(name) ? `/account/sign-in?next=${name}` : '/account/sign-in';
}
