// What host and function process say to each other, over the pipe that Node puts between parent and child.

/** Parent to child. */
export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  readonly functionArn: string;
  /** When the host will end the process, milliseconds since 1970. */
  readonly deadline: number;
}

/** As Lambda reports it in `responsePayload`. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Child to parent. */
export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly error: FunctionError }
  | { readonly type: 'succeeded'; readonly result: unknown }
  | { readonly type: 'failed'; readonly error: FunctionError };
