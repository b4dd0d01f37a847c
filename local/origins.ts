// Which web pages may talk to the servers of this machine: its own. A developer's browser also opens pages of others, and
// their scripts can reach 127.0.0.1 as well as ours can.

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** True for an `Origin` of this machine, whatever its port, and for requests that no page has sent. */
export const isLocalOrigin = (origin: string | undefined): boolean =>
  origin === undefined || LOCAL_ORIGIN.test(origin);
