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

/** Shows the page in that scheme and width, without loading it again. */
export async function take(at: Page, [colorScheme, , width]: (typeof LOOKS)[number]): Promise<void> {
  await at.emulateMedia({ colorScheme });
  await at.setViewportSize({ width, height: 800 });
}

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

/** Fingers need about 44 pixels: WCAG 2.2, success criterion 2.5.5, which leaves out links within a sentence. */
const TARGET_PX = 44;
const TARGETS = `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .map((target) => target.closest('label') ?? target)
  .filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    const isShown = target.checkVisibility() && width > 1 && height > 1;
    const isInSentence = target.tagName === 'A' && getComputedStyle(target).display === 'inline' &&
      [...target.parentNode.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return isShown && !isInSentence && height < ${TARGET_PX} - 0.5;
  })
  .map((target) => target.outerHTML.slice(0, 100) + ' is ' + target.getBoundingClientRect().height + ' pixels high')`;

/** What can be pressed and is lower than a finger is wide. */
export const smallTargets = (at: Page): Promise<string[]> => at.evaluate<string[]>(TARGETS);
