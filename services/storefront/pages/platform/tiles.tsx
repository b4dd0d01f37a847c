// The sums that platform pages begin with.
import { bytesText, countText, wholeText } from './format.ts';
import type { TilesProps } from './props.ts';

/** Dashes while nothing is known. */
export function Tiles({ totals, locale }: TilesProps) {
  const sums = totals?.sums;
  const whole = (value: number | undefined): string => (value === undefined ? '–' : wholeText(value, locale));
  const range = totals ? countText(totals.minutes, 'minute') : '';
  return (
    <>
      <Tile
        name="Bytes counted"
        value={sums ? bytesText(sums.bytes, locale) : '–'}
        note={sums ? `${wholeText(sums.bytes, locale)} in the last ${range}` : 'not known now'}
      />
      <Tile
        name="Events"
        value={whole(sums?.events)}
        note={sums && sums.lateEvents > 0 ? `of which ${whole(sums.lateEvents)} late` : 'one per rendition'}
      />
      <Tile name="Photos" value={whole(sums?.photos)} note="accepted" />
      <Tile
        name="Dead letters"
        value={whole(sums?.deadLetters)}
        note="could not be counted"
        isWarning={(sums?.deadLetters ?? 0) > 0}
      />
      <Tile name="Lag" value={whole(sums?.lag)} note="records to count" />
    </>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly isWarning?: boolean;
}

const Tile = ({ name, value, note, isWarning }: TileProps) => (
  <div class="tile" data-tile={name} data-warning={isWarning ? 'yes' : undefined}>
    <dt>{name}</dt>
    <dd class="tile-value">{value}</dd>
    <dd class="hint">{note}</dd>
  </div>
);
