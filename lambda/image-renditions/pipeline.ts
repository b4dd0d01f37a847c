// A file's bytes in, its renditions or the reason of its refusal out: everything the handler does without the network.
import { type EncodedRendition, inspect, render } from './codec.ts';
import { type Rejection, rejectByBytes, rejectByContent, renditionSizes, type Upload } from './plan.ts';

export type PipelineResult =
  | { readonly ok: true; readonly renditions: readonly EncodedRendition[] }
  | { readonly ok: false; readonly rejection: Rejection };

/** Checks the file and makes its renditions. A bad file is a result, not an error. */
export async function makeRenditions(upload: Pick<Upload, 'format'>, bytes: Buffer): Promise<PipelineResult> {
  const tooMuch = rejectByBytes(bytes.length);
  if (tooMuch) return { ok: false, rejection: tooMuch };
  const content = await inspect(bytes);
  const rejection = rejectByContent(upload.format, content);
  if (rejection || !content.oriented) return { ok: false, rejection: rejection ?? UNDECODABLE };
  try {
    return { ok: true, renditions: await render(bytes, renditionSizes(content.oriented)) };
  } catch {
    return { ok: false, rejection: UNDECODABLE };
  }
}

// libvips collects messages of concurrent files in one buffer, and some quote bytes: its words are not passed on.
const UNDECODABLE: Rejection = {
  reason: 'undecodable',
  detail: 'the decoder refused the pixels: truncated, corrupt or too slow',
};
