// How pages are judged for people who see, hear or type differently: by axe, in both colour schemes, at two widths.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** The colour scheme, a name for the width, the width in pixels. */
export const LOOKS = [
  ['light', 'desktop', 1_280],
  ['light', 'phone', 360],
  ['dark', 'desktop', 1_280],
  ['dark', 'phone', 360],
] as const;

/** axe itself, to be run on a page. */
export const readAxe = (): Promise<string> =>
  readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on a page that is not merely a matter of taste. */
export async function findings(at: Page, axe: string): Promise<string[]> {
  await at.evaluate(axe);
  const { violations } = await at.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** How far the page can be scrolled sideways, in pixels. */
export const overflowOf = (at: Page): Promise<number> =>
  at.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
