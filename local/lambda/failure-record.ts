// What Lambda sends to a failure destination. Source: AWS Lambda Developer Guide, "Retaining records of asynchronous
// invocations".
import type { PendingEvent } from './pending-events.ts';
import type { FunctionError } from './protocol.ts';

export interface FailureRecord {
  readonly version: '1.0';
  /** RFC 3339 UTC. */
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: 'RetriesExhausted';
    readonly approximateInvokeCount: number;
  };
  /** The event, as the function got it. */
  readonly requestPayload: unknown;
  readonly responseContext: {
    readonly statusCode: 200;
    readonly executedVersion: '$LATEST';
    readonly functionError: 'Unhandled';
  };
  /** What the last try failed with. */
  readonly responsePayload: FunctionError;
}

export function failureRecord(
  { id, event, failures }: PendingEvent,
  functionArn: string,
  error: FunctionError,
): FailureRecord {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: id,
      functionArn,
      condition: 'RetriesExhausted',
      approximateInvokeCount: failures,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: error,
  };
}
