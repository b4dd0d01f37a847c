// Statements of IAM policy documents, as the policies judge them.
import { listAt, textAt } from './body.ts';

/** A statement of an IAM policy document. */
export interface Statement {
  readonly sid: string;
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principals: readonly { readonly type: string; readonly identifiers: readonly string[] }[];
  readonly conditions: readonly Condition[];
}
export interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

/** From the JSON of a policy document's `statement`. */
export function statementOf(body: unknown): Statement {
  const strings = (path: string) => listAt(body, path).map(String);
  return {
    sid: textAt(body, 'sid'),
    isAllow: textAt(body, 'effect') !== 'Deny',
    actions: strings('actions'),
    resources: strings('resources'),
    principals: listAt(body, 'principals').map((principal) => ({
      type: textAt(principal, 'type'),
      identifiers: listAt(principal, 'identifiers').map(String),
    })),
    conditions: listAt(body, 'condition').map((condition) => ({
      test: textAt(condition, 'test'),
      variable: textAt(condition, 'variable'),
      values: listAt(condition, 'values').map(String),
    })),
  };
}
