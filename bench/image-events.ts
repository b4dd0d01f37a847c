// Events as the Lambda makes them: five renditions a photo, of one product, one time and one source object.
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';

const EDGES = [160, 480, 960, 1_920, 3_840];
const PRODUCTS = 5_000;

/** The renditions of photo number `photo`; event times advance 10 ms a photo from `startMs`. */
export function renditionsOf(photo: number, startMs: number): EncodedRecord[] {
  const productId = `product-${photo % PRODUCTS}`;
  const upload = `upload-${String(photo).padStart(9, '0')}`;
  const time = new Date(startMs + photo * 10).toISOString();
  return EDGES.map((edge, index) =>
    encodeEvent(IMAGE_PROCESSED, productId, {
      id: `${upload}-${index}`,
      source: '/product-images',
      time,
      data: {
        productId,
        source: { bucket: 'product-images', key: `uploads/${productId}/${upload}.jpg`, version: `v${photo}` },
        rendition: {
          bucket: 'processed-images',
          key: `renditions/${productId}/${upload}/v${photo}/${edge}.jpg`,
          format: 'jpeg',
          width: edge,
          height: Math.round(edge * 0.75),
          bytes: edge * 90 + (photo % 1_000),
        },
        sizeTable: 1,
      },
    }),
  );
}
