// How long a process takes to go, once for the programs and for the manifests that wait for them: Kubernetes takes a pod out of its
// Services and sends SIGTERM at about the same time, so a pod waits before it begins to drain, and must have drained before it is killed.

/** A pod answers for this long after SIGTERM: load balancers and proxies learn late that it stops. */
export const PRE_STOP_SECONDS = 10;
/**
 * Within that wait: longest that a server still answers, each time with `Connection: close`, before it stops to listen. Who keeps a
 * connection to it goes on asking over that one, whatever the Services say by then, and must be told to take another.
 */
export const LAME_DUCK_SECONDS_MAX = 5;
/** Longest wait for work that has begun, by default of `DRAIN_MS_MAX`. */
export const DRAIN_SECONDS_MAX = 30;
/** From SIGTERM until it is killed: both of the above, and time to end. */
export const GRACE_SECONDS = PRE_STOP_SECONDS + DRAIN_SECONDS_MAX + 5;
