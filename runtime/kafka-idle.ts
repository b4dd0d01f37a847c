// Mends two timers of kafkajs 2.2.4 that burn processor time while nothing happens. Importing this module mends the client.
// After its first request each connection looks for requests to send every millisecond, for ever
// (https://github.com/tulios/kafkajs/issues/1704, open), and looks for late answers every tenth of a second.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** How soon a request that had to wait is looked at again when nothing says how long. */
const PENDING_CHECK_MS = 10;
/** Time-outs are tens of seconds: one more second does no harm. */
const LATE_ANSWER_CHECK_MS = 1_000;

/** Looks again only while a request waits; whoever adds one asks for this by itself. */
RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleCheck(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    Math.max(throttledMs, PENDING_CHECK_MS),
  );
};

RequestQueue.prototype.scheduleRequestTimeoutCheck = function watchForLateAnswers(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(() => {
    const now = Date.now();
    for (const request of this.inflight.values()) {
      if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
    }
    if (!this.isConnected()) this.destroy();
  }, LATE_ANSWER_CHECK_MS);
  // Whoever waits for an answer has a connection that keeps the process alive.
  this.requestTimeoutIntervalId.unref();
};
