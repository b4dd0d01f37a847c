// A headless Chromium: the machine's own where there is one, else the one that npm brought along.
import { existsSync } from 'node:fs';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

const SYSTEM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Starts the browser; `CHROMIUM_PATH` names another. The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const found = [process.env.CHROMIUM_PATH ?? '', ...SYSTEM_PATHS].find((path) => path && existsSync(path));
  if (found) return playwright.launch({ executablePath: found, args: rootArgs() });
  // The packaged one is built for Linux without a desktop; it brings the arguments that it needs.
  const { default: packaged } = await import('@sparticuz/chromium');
  // Else it draws by a graphics card made of software, which costs twice the processor time, and only WebGL needs it.
  packaged.setGraphicsMode = false;
  return playwright.launch({ executablePath: await packaged.executablePath(), args: packaged.args });
}

/** Chromium refuses its sandbox to root, which is what containers run as. */
const rootArgs = (): string[] => (process.getuid?.() === 0 ? ['--no-sandbox'] : []);

/** Pages of one browser, and everything that it complained of, such as what the content policy stopped. */
export function watchedPages(browser: () => Browser, baseUrl: () => string) {
  const complaints: string[] = [];
  const openPage = async (options: NonNullable<Parameters<Browser['newContext']>[0]>): Promise<Page> => {
    const context = await browser().newContext({
      locale: 'en-GB',
      baseURL: baseUrl(),
      // What moves for ever would be drawn for ever, without a graphics card.
      reducedMotion: 'reduce',
      ...options,
    });
    const opened = await context.newPage();
    opened.setDefaultTimeout(30_000);
    opened.on('pageerror', (error) => complaints.push(String(error)));
    opened.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    return opened;
  };
  return { openPage, complaints };
}
