// The first platform page.
import { Diagram, Flows, sentence } from './diagram.tsx';
import { asOf, PlatformPage } from './layout.tsx';
import { DropPhotos } from './photos.tsx';
import type { OverviewProps } from './props.ts';
import { Tiles } from './tiles.tsx';

const DiagramAway = () => <p class="diagram-away">The processes are not known now.</p>;

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
          aria-labelledby="diagram-title"
          data-part="diagram"
        >
          {part ? <Diagram {...part} /> : <DiagramAway />}
        </div>
        <p class="hint">
          An arrow is all topics between two processes: events a second, and how many of them the reader has
          not finished. By the broker’s own offsets, so it holds also while a process is dead.
        </p>
        <details class="flows">
          <summary>The same as tables</summary>
          <div class="scroll" tabIndex={0} role="region" aria-label="Processes and topics" data-part="flows">
            {part && <Flows {...part} />}
          </div>
        </details>
      </section>
      {takesPhotos && <DropPhotos />}
    </PlatformPage>
  );
}
