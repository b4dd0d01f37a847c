import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { currentSizeTable, sizeLabelOf } from '#contracts/size-labels.ts';
import { planUpload } from '../console/upload-request.ts';
import { samplePhotos } from './sample-photos.ts';

/** Drawing large ones takes seconds. */
const small = (seed: number) =>
  samplePhotos(24, seed).filter(({ width, height }) => width * height < 700_000);

describe('sample photos', () => {
  it('are what they say: format, size, and a name that the console takes', async () => {
    for (const photo of small(1)) {
      const body = await photo.draw();
      const { format, width, height } = await sharp(body).metadata();
      const said = photo.isRefused ? 'png' : photo.contentType.slice('image/'.length);
      expect({ format, width, height }).toEqual({ format: said, width: photo.width, height: photo.height });
      expect(planUpload({ ...photo, bytes: body.length }, 'id')).toMatchObject({
        contentType: photo.contentType,
      });
    }
  });

  it('are the same for the same seed and other ones for another, in whatever order they are drawn', async () => {
    const [photo] = small(1);
    const [first, again, twice, other] = await Promise.all([
      photo!.draw(),
      small(1)[0]!.draw(),
      photo!.draw(),
      small(2)[0]!.draw(),
    ]);
    expect(first.equals(again)).toBe(true);
    expect(first.equals(twice)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });

  it.each([1, 2, 3])('cover every size label with seed %i, and exactly one is refused', (seed) => {
    const photos = samplePhotos(24, seed);
    const labels = photos.map(({ width, height }) => sizeLabelOf(currentSizeTable, width, height));
    const all = [...currentSizeTable.rules.map(({ label }) => label), currentSizeTable.beyond];
    expect(new Set(labels)).toEqual(new Set(all));
    expect(photos.filter(({ isRefused }) => isRefused)).toHaveLength(1);
  });
});
