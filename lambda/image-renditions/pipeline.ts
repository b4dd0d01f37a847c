// A file's bytes in, its renditions or the reason of its refusal out: everything the handler does without the network.
import { type EncodedRendition, inspect, render } from './codec.ts';
import { asStillAvif } from './heif.ts';
import { type Rejection, rejectByBytes, rejectByContent, renditionSizes, type Upload } from './plan.ts';

export type PipelineResult =
  | { readonly ok: true; readonly renditions: readonly EncodedRendition[] }
  | { readonly ok: false; readonly rejection: Rejection };

/** Checks the file and makes its renditions. A bad file is a result, not an error. */
export async function makeRenditions(upload: Pick<Upload, 'format'>, bytes: Buffer): Promise<PipelineResult> {
  const tooMuch = rejectByBytes(bytes.length);
  if (tooMuch) return { ok: false, rejection: tooMuch };
  const still = asStillAvif(bytes);
  const content = await inspect(still);
  const rejection = rejectByContent(upload.format, content);
  const { picture } = content;
  if (rejection || !picture) return { ok: false, rejection: rejection ?? UNDECODABLE };
  try {
    const renditions = await render(still, renditionSizes(picture.oriented), picture.colours);
    return { ok: true, renditions };
  } catch {
    return { ok: false, rejection: UNDECODABLE };
  }
}

// libvips collects messages of concurrent files in one buffer, and some quote bytes: its words are not passed on.
const UNDECODABLE: Rejection = {
  reason: 'undecodable',
  detail: 'the decoder refused the pixels: truncated, corrupt or too slow',
};
