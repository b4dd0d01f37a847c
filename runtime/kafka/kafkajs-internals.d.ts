// Types of the inner modules of kafkajs 2.2.4: the one that is mended from outside (request-queue.ts), and those that its spec needs.
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
    readonly broker: string;
    readonly enforceRequestTimeout: boolean;
    readonly isConnected: () => boolean;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
    /** Ends every request, those in flight and those that wait, with this error. */
    rejectAll(error: Error): void;
    /** Ends its timers. */
    destroy(): void;
  }
}
declare module 'kafkajs/src/errors.js' {
  import type { KafkaJSConnectionError } from 'kafkajs';

  const errors: { KafkaJSConnectionError: typeof KafkaJSConnectionError };
  export default errors;
}
declare module 'kafkajs/src/network/connection.js' {
  import type RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

  /** One connection to a broker. */
  export default class Connection {
    constructor(settings: object);
    readonly requestQueue: RequestQueue;
    connect(): Promise<true>;
    disconnect(): Promise<true>;
    isConnected(): boolean;
    send(call: object): Promise<unknown>;
  }
}
declare module 'kafkajs/src/network/socketFactory.js' {
  export default function createSocketFactory(): (options: object) => import('node:net').Socket;
}
declare module 'kafkajs/src/protocol/requests/apiVersions/index.js' {
  const apiVersions: { protocol(options: { version: number }): () => object };
  export default apiVersions;
}
