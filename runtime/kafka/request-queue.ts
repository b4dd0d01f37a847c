// Mends how kafkajs 2.2.4 keeps the requests of a connection. Importing this module mends the client.
// - Two of its timers burn processor time while nothing happens: after its first request each connection looks for requests to send
//   every millisecond, for ever (https://github.com/tulios/kafkajs/issues/1704, open), and for late answers every tenth of a second.
// - A request can wait for ever, without even its time limit: kafkajs takes a closed connection that is closed once more for a
//   connected one during that moment, and what is sent then goes to a socket that is gone. Everything behind it stands still: for a
//   consumer that is its heartbeat, and so all its partitions.
// The package's own types name its errors, its main module does not export them.
import kafkaErrors from 'kafkajs/src/errors.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** How soon a request that had to wait is looked at again when nothing says how long. */
const PENDING_CHECK_MS = 10;
/** Time-outs are tens of seconds: one more second does no harm. */
const LATE_ANSWER_CHECK_MS = 1_000;

const destroy = RequestQueue.prototype.destroy;

/** Called at the end of a connection, and before one begins: nobody answers the requests that are left. */
RequestQueue.prototype.destroy = function rejectAndDestroy(this: RequestQueue): void {
  destroy.call(this);
  if (this.inflight.size + this.pending.length === 0) return;
  this.rejectAll(new kafkaErrors.KafkaJSConnectionError('Closed connection', { broker: this.broker }));
};

/** Looks again only while a request waits; adding one calls this by itself. */
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
  // A request that waits for its answer has a connection that keeps the process alive.
  this.requestTimeoutIntervalId.unref();
};
