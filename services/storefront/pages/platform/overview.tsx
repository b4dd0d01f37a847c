// The first platform page.
import { Diagram, Flows, sentence } from './diagram.tsx';
import { asOf, PlatformPage } from './layout.tsx';
import { DropPhotos } from './photos.tsx';
import type { OverviewProps } from './props.ts';
import { Tiles } from './tiles.tsx';

const Unknown = () => <p class="diagram-away">The processes are not known now.</p>;

export function Overview({ frame, totals, processes, streamUrl, takesPhotos }: OverviewProps) {
  const known = 'sums' in totals ? totals : undefined;
  const part = processes && { processes, locale: frame.locale };
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
      <p class="visually-hidden" role="status" data-part="words">
        {processes && sentence(processes)}
      </p>
      <section aria-labelledby="diagram-title">
        <h2 id="diagram-title">What flows now</h2>
        <div
          class="diagram-box"
          tabIndex={0}
          role="region"
          aria-label="Diagram of the platform"
          data-part="diagram"
        >
          {part ? <Diagram {...part} /> : <Unknown />}
        </div>
        <p class="hint">
          All topics between two processes are one arrow: events a second, and how many of them the reader has
          not finished. By the broker’s own offsets, so it holds also while a process is dead.
        </p>
      </section>
      {takesPhotos && <DropPhotos />}
      <section aria-labelledby="flows-title">
        <h2 id="flows-title">Processes and topics</h2>
        <div class="scroll" tabIndex={0} role="region" aria-label="Tables" data-part="flows">
          {part ? <Flows {...part} /> : <Unknown />}
        </div>
      </section>
    </PlatformPage>
  );
}
