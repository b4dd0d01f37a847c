// What a person does on the platform pages, and what they read there.
import type { Page } from 'playwright-core';

/** A file on its way to the page. */
export interface DroppedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

// What runs in the browser is text: the repository is checked without the DOM's types, as all of it runs on Node.
const TRANSFER = `(dropped) => {
  const data = new DataTransfer();
  for (const { name, mimeType, base64 } of dropped) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: mimeType }));
  }
  return data;
}`;

/** What is asked of a picture in the browser. */
interface Picture {
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  decode(): Promise<void>;
}

const decodedSize = async (picture: Picture): Promise<string> => {
  await picture.decode();
  return `${picture.naturalWidth} × ${picture.naturalHeight}`;
};

/** Drags files from outside the browser onto the drop zone. */
export async function dropFiles(page: Page, files: readonly DroppedFile[]): Promise<void> {
  const encoded = files.map(({ buffer, ...file }) => ({ ...file, base64: buffer.toString('base64') }));
  const dataTransfer = await page.evaluateHandle(`(${TRANSFER})(${JSON.stringify(encoded)})`);
  await page.dispatchEvent('[data-drop]', 'drop', { dataTransfer });
}

/** The text of the entry of one file, once it has come to its end. */
export async function outcomeOf(page: Page, fileName: string): Promise<{ state: string; text: string }> {
  const entry = page
    .locator('.dropped-photo[data-outcome]', { has: page.getByText(fileName, { exact: true }) })
    .first();
  await entry.waitFor();
  return { state: (await entry.getAttribute('data-outcome')) ?? '', text: await entry.innerText() };
}

/** `[label, pixels of the loaded picture, pixels as told]` of each rendition of one file. */
export async function renditionsOf(page: Page, fileName: string): Promise<string[][]> {
  const entry = page.locator('.dropped-photo', { has: page.getByText(fileName, { exact: true }) }).first();
  const items = await entry.locator('.renditions li').all();
  return Promise.all(
    items.map(async (item) => [
      (await item.getAttribute('data-label')) ?? '',
      await item.locator('img').evaluate(decodedSize),
      await item.locator('span').first().innerText(),
    ]),
  );
}

/** The cells of the page's first table, row by row, without the spaces that group digits. */
export async function tableOf(page: Page): Promise<string[][]> {
  const rows = await page.locator('table tr').all();
  const texts = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
  return texts.map((row) => row.map((text) => text.replaceAll(/[\u202f,]/g, '')));
}
