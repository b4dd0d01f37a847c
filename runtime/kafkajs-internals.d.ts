// Types of the one inner module of kafkajs 2.2.4 that is mended from outside (kafka-idle.ts).
declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface SocketRequest {
    readonly sentAt: number;
    readonly requestTimeout: number;
    timeoutRequest(): void;
  }
  /** The requests of one connection. */
  export default class RequestQueue {
    readonly inflight: Map<number, SocketRequest>;
    readonly pending: readonly SocketRequest[];
    /** Milliseconds since 1970; -1 while the broker throttles nothing. */
    readonly throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    requestTimeoutIntervalId: NodeJS.Timeout | undefined;
    readonly enforceRequestTimeout: boolean;
    readonly isConnected: () => boolean;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
    destroy(): void;
  }
}
