// One of the goods on a table before a wall, as SVG: gradients for light and round forms, blurred lights behind.
import type { Random } from './random.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

export interface Scene {
  readonly random: Random;
  readonly shape: ShapeName;
  /** Of the thing, in degrees; the wall takes one from across the circle. */
  readonly hue: number;
  readonly width: number;
  readonly height: number;
}

/** Drawn in a box as wide as the picture is and 100 high, so that every size shows the same scene. */
export function drawScene({ random, shape, hue, width, height }: Scene): string {
  const wide = (100 * width) / height;
  const wall = (hue + random.between(140, 220)) % 360;
  const horizon = random.between(64, 72);
  const size = Math.min(wide, 100) * random.between(0.56, 0.68);
  const ground = random.between(84, 90);
  const left = (wide - size) / 2 + random.between(-0.06, 0.06) * wide;
  const { body, trim = '', shine } = SHAPES[shape];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${wide} 100">
  <defs>
    ${gradient('wall', [`hsl(${wall} 38% 82%)`, `hsl(${(wall + 24) % 360} 34% 58%)`], 'x1="0" y1="0" x2="1" y2="1"')}
    ${gradient('table', [`hsl(${(hue + 20) % 360} 26% 46%)`, `hsl(${(hue + 20) % 360} 30% 26%)`], 'x1="0" y1="0" x2="0" y2="1"')}
    ${gradient('body', [`hsl(${hue} 62% 68%)`, `hsl(${hue} 58% 48%)`, `hsl(${hue} 56% 26%)`], 'x1="0" y1="0" x2="1" y2="0"')}
    ${gradient('trim', [`hsl(${hue} 44% 46%)`, `hsl(${hue} 46% 18%)`], 'x1="0" y1="0" x2="1" y2="0"')}
    <radialGradient id="glow"><stop offset="0" stop-color="#fff" stop-opacity=".55"/><stop offset=".6" stop-color="#fff" stop-opacity=".3"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
    <radialGradient id="shadow"><stop offset="0" stop-color="#000" stop-opacity=".6"/><stop offset="1" stop-color="#000" stop-opacity="0"/></radialGradient>
  </defs>
  <rect width="${wide}" height="100" fill="url(#wall)"/>
  ${lights(random, wide, horizon)}
  <rect y="${horizon}" width="${wide}" height="${100 - horizon}" fill="url(#table)"/>
  <ellipse cx="${left + size * 0.62}" cy="${ground}" rx="${size * 0.55}" ry="${size * 0.09}" fill="url(#shadow)"/>
  <g transform="translate(${left} ${ground - size}) scale(${size / 100})">
    <path d="${body}" fill="url(#body)"/><path d="${trim}" fill="url(#trim)"/>
    <path d="${shine}" fill="#fff" fill-opacity=".38"/>
  </g>
</svg>`;
}

function gradient(id: string, colours: readonly string[], direction: string): string {
  const stops = colours.map(
    (colour, at) => `<stop offset="${at / (colours.length - 1)}" stop-color="${colour}"/>`,
  );
  return `<linearGradient id="${id}" ${direction}>${stops.join('')}</linearGradient>`;
}

function lights(random: Random, wide: number, horizon: number): string {
  return Array.from({ length: 5 + random.whole(0, 7) }, () => {
    const [x, y, r] = [random.between(0, wide), random.between(0, horizon), random.between(3, 14)];
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="url(#glow)"/>`;
  }).join('');
}
