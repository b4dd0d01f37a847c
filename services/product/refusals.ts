// A refusal of the stores in, the problem that a caller is told out.
import type { AppError } from '#runtime/errors.ts';
import { Problem } from '#runtime/http/api.ts';
import { changedMeanwhile } from '#runtime/versions.ts';
import { productUnknown } from './http.ts';
import type { Refused } from './plan.ts';

/** The problem of a refusal, with what to do about it. */
export function problemOf({ fault }: Refused): AppError {
  switch (fault) {
    case 'product-unknown':
      return productUnknown();
    case 'version-mismatch':
      return changedMeanwhile();
    case 'category-unknown':
      return new Problem(422, fault, 'There is no such category: add it by PUT /categories/:categoryId.');
    case 'stock-below-reserved':
      return new Problem(409, fault, 'Orders have more pieces set aside than would be left.');
    case 'stock-too-large':
      return new Problem(422, fault, 'No shelf holds that many pieces.');
    case 'cause-reused':
      return new Problem(422, fault, 'This Idempotency-Key stands for another adjustment: take a new one.');
  }
}
