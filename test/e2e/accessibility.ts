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
  ['dark', 'phone', 360],
  ['dark', 'desktop', 1_280],
] as const;

/** Shows the page in that scheme and width, without loading it again, and without colours that fade into others. */
export async function take(at: Page, [colorScheme, , width]: (typeof LOOKS)[number]): Promise<void> {
  await at.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await at.setViewportSize({ width, height: 800 });
}

/**
 * What is wrong with the page that is open: what axe finds that is not merely a matter of taste, what one would have to scroll
 * sideways for, and what is too small for a finger. Each fault begins with the look that has it.
 */
export async function faultsOf(page: Page): Promise<string[]> {
  await readAxe(page);
  const found: string[] = [];
  for (const look of LOOKS) {
    await take(page, look);
    const faults = [...(await axeFindings(page)), ...(await overflow(page)), ...(await smallTargets(page))];
    found.push(...faults.map((fault) => `${look.slice(0, 2).join(', ')}: ${fault}`));
  }
  return found;
}

/** A browser takes about as long to read and compile axe as to run it, so a document reads it once for all looks. */
async function readAxe(page: Page): Promise<void> {
  if (await page.evaluate<boolean>('"axe" in window')) return;
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
}

/**
 * Every rule at every look: styles may show or hide anything by width and by scheme, and the rules of colours alone would spare a tenth.
 * Frames are not looked into, as axe is not in them: what they show is Stripe's.
 */
const RUN = 'axe.run(document, { resultTypes: ["violations"], iframes: false })';

async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResult>(RUN);
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

async function overflow(page: Page): Promise<string[]> {
  const pixels = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return pixels > 0 ? [`it is ${pixels} pixels too wide`] : [];
}

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
  .map((target) => 'too small for a finger: ' + target.outerHTML.slice(0, 100) + ' is ' +
    target.getBoundingClientRect().height + ' pixels high')`;

const smallTargets = (page: Page): Promise<string[]> => page.evaluate<string[]>(TARGETS);
