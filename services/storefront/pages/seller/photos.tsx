// The photos of a product: what the shop shows, the form that sends a new one straight to the store, and what became of each.
import {
  ORIGINAL_PIXELS_MAX,
  type RejectionReason,
  UPLOAD_BYTES_MAX,
  UPLOAD_CONTENT_TYPES,
} from '#contracts/images.ts';
import type { Upload } from '../../bff/seller.ts';
import { OwnTime, Photo } from '../parts.tsx';
import { ProductPage } from './parts.tsx';
import type { PhotoStateProps, PhotosProps } from './props.ts';

const MIB = 1_048_576;
const TYPES = [...new Set(Object.values(UPLOAD_CONTENT_TYPES))];
/** An upload must begin within five minutes, and is worked on at once. */
const LATE_MS = 15 * 60_000;

export const Photos = (props: PhotosProps) => (
  <ProductPage frame={props.frame} product={props.product} tab="/photos">
    <div class="seller-columns">
      {props.isOpen ? <Sending productId={props.product.productId} /> : <Closed />}
      <div class="photo-state" data-photo-state={`/seller/products/${props.product.productId}/photos/state`}>
        <PhotoState {...props} />
      </div>
    </div>
  </ProductPage>
);

const Closed = () => (
  <section class="panel">
    <h2>Photos cannot be sent here</h2>
    <p class="muted">This shop does not say where photos go: its operator can set that.</p>
  </section>
);

/** The input works once the script is there: a photo goes from the browser to the store, past the shop. */
const Sending = ({ productId }: { productId: string }) => (
  <section
    aria-labelledby="send"
    data-uploads={`/seller/products/${productId}/uploads`}
    data-bytes-max={String(UPLOAD_BYTES_MAX)}
    data-types={TYPES.join(' ')}
  >
    <h2 id="send">Send a photo</h2>
    <p id="upload-limits" class="muted">
      JPEG, PNG, WebP, AVIF or GIF; at most {UPLOAD_BYTES_MAX / MIB} MiB and {ORIGINAL_PIXELS_MAX / 1e6}{' '}
      megapixels. The newest photo is the one that the shop shows.
    </p>
    <noscript>
      <p class="alert">Please allow scripts for this page: a photo goes from your browser to the store.</p>
    </noscript>
    <div class="drop" data-drop>
      <label for="photo-files">Choose a photo, or drop it here</label>
      <input
        id="photo-files"
        type="file"
        accept={TYPES.join(',')}
        aria-describedby="upload-limits"
        disabled
      />
    </div>
    <ul class="uploads" role="list" aria-label="Photos on their way" data-upload-list></ul>
    <template data-upload-card>
      <li class="upload">
        <img class="upload-preview" alt="" width={96} height={96} hidden />
        <div class="upload-facts">
          <p class="upload-name"></p>
          <progress max={1} value={0}></progress>
          <p class="upload-words hint"></p>
          <button type="button" class="link">
            Stop
          </button>
        </div>
      </li>
    </template>
    <p class="visually-hidden" role="status" data-upload-news></p>
  </section>
);

/** What changes while a photo is on its way; the script loads it again. */
export const PhotoState = (props: PhotoStateProps) => (
  <>
    <section aria-labelledby="shown">
      <h2 id="shown">In the shop</h2>
      <Shown {...props} />
    </section>
    <section aria-labelledby="sent">
      <h2 id="sent">Sent from here</h2>
      {props.uploads.length === 0 ? (
        <p class="muted">Nothing yet.</p>
      ) : (
        <ul class="ledger" role="list">
          {props.uploads.map((upload) => (
            <Sent key={upload.uploadId} upload={upload} {...props} />
          ))}
        </ul>
      )}
      {props.nextUrl && (
        <p class="more">
          <a class="button quiet" href={props.nextUrl}>
            Earlier ones
          </a>
        </p>
      )}
    </section>
  </>
);

const Shown = ({ product, locale }: PhotoStateProps) =>
  product.images.length === 0 ? (
    <p class="muted">No photo yet: customers see the first letter of its name.</p>
  ) : (
    <div class="shown-photo">
      <Photo product={product} sizes="12rem" isFirst />
      <ul class="renditions" role="list" aria-label="Sizes that were made">
        {product.images.map(({ label, url, width, height }) => (
          <li key={label}>
            <a href={url}>{label}</a>{' '}
            <span class="hint">
              {width.toLocaleString(locale)} × {height.toLocaleString(locale)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );

const Sent = ({ upload, locale, nowMs }: { upload: Upload } & PhotoStateProps) => (
  <li class="sent" data-upload={upload.uploadId} data-state={isLate(upload, nowMs) ? 'late' : upload.state}>
    <span class="upload-name">{upload.fileName}</span>
    <span class="hint">{sizeOf(upload.bytes, locale)}</span>
    <OwnTime at={upload.askedAt} locale={locale} />
    <p class="sent-words">{wordsOf(upload, nowMs)}</p>
    {upload.rejection && <p class="hint">{upload.rejection.detail}</p>}
  </li>
);

const sizeOf = (bytes: number, locale: string): string => {
  const isSmall = bytes < MIB;
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  return `${number.format(bytes / (isSmall ? 1_024 : MIB))} ${isSmall ? 'KiB' : 'MiB'}`;
};

const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'key-not-allowed': 'Refused: its name in the store is not one that the shop hands out.',
    'empty-file': 'Refused: the file is empty.',
    'too-many-bytes': `Refused: the file is larger than ${UPLOAD_BYTES_MAX / MIB} MiB.`,
    'type-not-allowed': 'Refused: it is no photo in a form that the shop takes.',
    'type-mismatch': 'Refused: its content is not what its name says. Save it again in its true format.',
    'too-many-pixels': `Refused: it has more than ${ORIGINAL_PIXELS_MAX / 1e6} megapixels. Make it smaller.`,
    undecodable: 'Refused: the picture is broken and cannot be opened.',
  } satisfies Record<RejectionReason, string>),
);

function wordsOf(upload: Upload, nowMs: number): string {
  const { state, rejection } = upload;
  if (rejection) return REASONS.get(rejection.reason) ?? 'Refused.';
  if (state === 'shown') return 'The shop shows this photo.';
  if (state === 'replaced') return 'A newer photo has taken its place.';
  return isLate(upload, nowMs)
    ? 'It has not arrived. If the upload broke off, please send it again.'
    : 'On its way: its sizes are being made.';
}

/** Nothing has come of the upload, and nothing will unless the seller does something. */
const isLate = ({ state, askedAt }: Upload, nowMs: number): boolean =>
  state === 'waiting' && nowMs - Date.parse(askedAt) > LATE_MS;
