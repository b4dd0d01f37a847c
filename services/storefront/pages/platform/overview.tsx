// The first platform page.
import { asOf, PlatformPage } from './layout.tsx';
import { DropPhotos } from './photos.tsx';
import type { OverviewProps } from './props.ts';
import { Tiles } from './tiles.tsx';

export function Overview({ frame, totals, streamUrl, takesPhotos }: OverviewProps) {
  const known = 'sums' in totals ? totals : undefined;
  return (
    <PlatformPage
      frame={frame}
      title="Platform"
      lead="Photos in, exact totals out: each rendition of a photo is one event, counted exactly once."
      live={{ streamUrl, state: 'sums' in totals ? asOf(totals.asOf, frame.locale) : totals }}
    >
      <dl class="tiles" data-part="tiles" aria-label="Numbers now">
        <Tiles totals={known} locale={frame.locale} />
      </dl>
      {takesPhotos && <DropPhotos />}
    </PlatformPage>
  );
}
