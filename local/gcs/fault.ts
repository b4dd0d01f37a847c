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
/** What Google's server can do and this one cannot: refused, so that nothing is accepted and then ignored. */
export const unsupported = (what: string): GcsFault =>
  new GcsFault(501, 'notImplemented', `This server does not support ${what}.`);
export const noBucket = (): GcsFault => new GcsFault(404, 'notFound', 'The specified bucket does not exist.');
export const noObject = (bucket: string, name: string): GcsFault =>
  new GcsFault(404, 'notFound', `No such object: ${bucket}/${name}`);

const REASONS: Readonly<Record<number, string>> = {
  403: 'forbidden',
  412: 'conditionNotMet',
  429: 'rateLimitExceeded',
  503: 'backendError',
};

/** The fault that a test asked for. */
export const injected = (status: number): GcsFault =>
  new GcsFault(status, REASONS[status] ?? 'backendError', `Fault ${status}, as asked for.`);
