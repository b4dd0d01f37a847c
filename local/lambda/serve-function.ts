// Inside of the process that a function runs in: loads the handler once, as a cold start does, then takes one event after the other
// from the parent. Ends when its parent does, so nothing is left of a launcher that was killed.
import type { Answer, FunctionError, Invocation } from './protocol.ts';

/** What a function's module has. */
export interface FunctionModule {
  readonly handler: (event: unknown, context: object) => unknown;
}

/** Serves the parent until it goes. */
export async function serveFunction(load: () => Promise<FunctionModule>): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches every process of the terminal; this one's parent says when it is time.
  process.on('SIGINT', () => {});
  let handler: FunctionModule['handler'];
  try {
    ({ handler } = await load());
  } catch (error) {
    answer({ type: 'init-failed', error: describe(error) }, () => process.exit(1));
    return;
  }
  process.on('message', (invocation: Invocation) => void invoke(handler, invocation));
  answer({ type: 'ready' });
}

async function invoke(
  handler: FunctionModule['handler'],
  { requestId, event, functionArn, deadline }: Invocation,
): Promise<void> {
  const context = {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? '',
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result: unknown = await handler(event, context);
    answer({ type: 'succeeded', result: result ?? null });
  } catch (error) {
    answer({ type: 'failed', error: describe(error) });
  }
}

/** In the words of Lambda's own runtime for Node. */
function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  const trace = (error.stack ?? '').split('\n');
  return { errorType: error.name, errorMessage: error.message, trace };
}

function answer(message: Answer, done: () => void = () => {}): void {
  process.send?.(message, undefined, {}, done);
}
