// A service said no. Its problem becomes words for people, at the field that they belong to.
import type { Money } from '#contracts/money.ts';
import { AppError } from '#runtime/errors.ts';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly retryAfterS?: number | undefined;
  /** Names of the fields that have not the form that is asked for. */
  readonly fields?: readonly string[];
  /** What an order would cost by now. */
  readonly total?: Money | undefined;
}

/** A refusal that a page can show. */
export class Refused extends AppError {
  readonly status: number;
  readonly retryAfterS: number | undefined;
  readonly fields: readonly string[];
  readonly total: Money | undefined;

  constructor({ status, code, detail, retryAfterS, fields = [], total }: Refusal) {
    super(code, detail, { status });
    this.name = 'Refused';
    this.status = status;
    this.retryAfterS = retryAfterS;
    this.fields = fields;
    this.total = total;
  }
}

/** What a page that does not exist is. */
export const notFound = (): Refused =>
  new Refused({ status: 404, code: 'not-found', detail: 'There is no such page.' });

/** A schema's own message may be a pattern: people read these words. */
const FIELD_WORDS: ReadonlyMap<string, string> = new Map([
  ['email', 'This is not an e-mail address: write it as name@example.org.'],
  ['name', 'Please write the name on one line, with at most 100 characters.'],
  ['password', 'Please take a password of 12 to 128 characters.'],
]);
/** Codes of the user service (services/user/http.ts) that are about one field. */
const FIELD_OF_CODE = /^(email|password)-/;
const LINK_INCOMPLETE = 'The link is not complete: ask for a new one.';

/** Words by field; `form` is for the form as a whole. */
export function faultsOf({ code, message, retryAfterS, fields }: Refused): Record<string, string> {
  if (code === 'sign-in-refused') return { form: 'E-mail and password do not belong together.' };
  if (retryAfterS !== undefined)
    return { form: `Too many attempts: please wait ${waitingTime(retryAfterS)}.` };
  const named = fields.flatMap((field) => {
    const words = FIELD_WORDS.get(field);
    return words ? [[field, words] as const] : [];
  });
  if (named.length > 0) return Object.fromEntries(named);
  if (fields.includes('token')) return { form: LINK_INCOMPLETE };
  const [, field] = FIELD_OF_CODE.exec(code) ?? [];
  return { [field ?? 'form']: message };
}

const waitingTime = (seconds: number): string =>
  seconds < 90 ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : `${Math.ceil(seconds / 60)} minutes`;
