// Cookies of the storefront: HttpOnly and SameSite, Secure with the `__Host-` prefix where browsers come by https.
import type { FastifyReply, FastifyRequest } from 'fastify';

export type CookieName = 'access' | 'refresh' | 'cart' | 'checkout' | 'notice';

export interface Cookies {
  read(request: FastifyRequest, name: CookieName): string | undefined;
  /** Until the browser closes without `maxAgeS`. */
  write(reply: FastifyReply, name: CookieName, value: string, maxAgeS?: number): void;
  clear(reply: FastifyReply, name: CookieName): void;
}

const SAFE_VALUE = /^[\w.~-]{0,3800}$/;

/** @param shopUrl the address that browsers know */
export function createCookies(shopUrl: string): Cookies {
  const isSecure = new URL(shopUrl).protocol === 'https:';
  const fullName = (name: CookieName) => `${isSecure ? '__Host-' : ''}shop-${name}`;
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const write: Cookies['write'] = (reply, name, value, maxAgeS) => {
    if (!SAFE_VALUE.test(value)) throw new TypeError(`the cookie ${name} cannot hold this value`);
    const age = maxAgeS === undefined ? '' : `; Max-Age=${maxAgeS}`;
    reply.header('set-cookie', `${fullName(name)}=${value}${attributes}${age}`);
  };
  return {
    read: ({ headers }, name) => {
      const prefix = `${fullName(name)}=`;
      const pair = (headers.cookie ?? '').split(';').find((part) => part.trim().startsWith(prefix));
      const value = pair?.trim().slice(prefix.length);
      return value && SAFE_VALUE.test(value) ? value : undefined;
    },
    write,
    clear: (reply, name) => write(reply, name, '', 0),
  };
}
