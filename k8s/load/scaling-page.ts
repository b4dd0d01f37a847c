export const SCALING_PAGE = 'docs/scaling.md';

import type { Measured } from './measured.ts';
export const scalingPage = (measured: Measured): string => String(measured.idle.length);
