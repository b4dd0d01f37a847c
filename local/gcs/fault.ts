// Errors in the shape of Google's JSON APIs.

/** Ends a request with Google's error body. */
export class GcsFault extends Error {
  readonly status: number;
  /** Google's word: `notFound`, `conditionNotMet`, … */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'GcsFault';
    this.status = status;
    this.reason = reason;
  }

  body(): object {
    const { status: code, message, reason } = this;
    return { error: { code, message, errors: [{ message, domain: 'global', reason }] } };
  }
}

export const invalid = (message: string): GcsFault => new GcsFault(400, 'invalid', message);
export const noBucket = (): GcsFault => new GcsFault(404, 'notFound', 'The specified bucket does not exist.');
export const noObject = (bucket: string, name: string): GcsFault =>
  new GcsFault(404, 'notFound', `No such object: ${bucket}/${name}`);

const REASONS: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  408: 'uploadBrokenConnection',
  429: 'rateLimitExceeded',
  500: 'internalError',
  503: 'backendError',
};

/** The fault that a test asked for. */
export const injected = (status: number): GcsFault =>
  new GcsFault(status, REASONS[status] ?? 'backendError', `Fault ${status}, as asked for.`);
