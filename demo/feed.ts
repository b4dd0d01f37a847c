// Uploads sample photos through the console, as a person does: asks for a signed URL, then PUTs the file.
// Finite, and once per data folder: a marker says how many photos were uploaded, so a feed that was stopped continues after them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { localFolder } from '../local/launcher/folders.ts';
import { type SamplePhoto, samplePhotos } from './sample-photos.ts';
import { uploadPhoto } from './samples/upload.ts';

export interface FeedOptions {
  /** `http://127.0.0.1:4000` */
  readonly consoleUrl: string;
  readonly count: number;
  /** From the first photo to the last. */
  readonly durationMs: number;
  /** Other seeds make other photos. */
  readonly seed: number;
  /** Remembers how many have gone. */
  readonly markerFile: string;
  /** Takes the lines for people. */
  readonly say: (line: string) => void;
}

/** Uploads the photos that the marker does not count yet. Returns how many they were. */
export async function feed(options: FeedOptions): Promise<number> {
  const { consoleUrl, count, durationMs, seed, markerFile, say } = options;
  const pauseMs = durationMs / Math.max(1, count - 1);
  const done = await readMarker(markerFile, seed);
  const photos = [...samplePhotos(count, seed).entries()].slice(done);
  for (const [at, photo] of photos) {
    const dueAt = Date.now() + pauseMs;
    const outcome = await uploadPhoto(consoleUrl, photo, say);
    say(progressLine(at + 1, count, photo, outcome));
    await writeMarker(markerFile, { seed, done: at + 1 });
    if (at + 1 < count) await sleep(Math.max(0, dueAt - Date.now()));
  }
  return photos.length;
}

function progressLine(number: number, count: number, photo: SamplePhoto, outcome: string): string {
  const place = `${String(number).padStart(String(count).length)}/${count}`;
  const size = `${photo.width} × ${photo.height}`.padEnd(11);
  const note = photo.isRefused ? ' (a PNG that calls itself .jpg: it will be refused)' : '';
  return `${place}  ${photo.fileName.padEnd(16)} ${size}  ${outcome}${note}`;
}

interface Marker {
  readonly seed: number;
  readonly done: number;
}

/** Zero where another feed, or none, has run. */
async function readMarker(file: string, seed: number): Promise<number> {
  try {
    const marker = JSON.parse(await readFile(file, 'utf8')) as Marker;
    return marker.seed === seed ? marker.done : 0;
  } catch {
    return 0;
  }
}

async function writeMarker(file: string, marker: Marker): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(marker));
}

const HELP = `Uploads sample photos to a running platform, through its console.

  node demo/feed.ts [--count 24] [--seconds 120] [--again]
  npm run feed                  the same, with --again

  --count N      photos in all; one of them will be refused
  --seconds N    from the first photo to the last
  --seed N       other photos
  --again        from the first one again, although they have gone already
  --console URL  the console (http://127.0.0.1:4000, or the port in CONSOLE_PORT)
  --help         this text
`;

if (import.meta.main) runMain(main);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '24' },
      seconds: { type: 'string', default: '120' },
      seed: { type: 'string', default: '1' },
      console: { type: 'string', default: `http://127.0.0.1:${process.env.CONSOLE_PORT || 4000}` },
      again: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(0));
  const seed = wholeOf('seed', values.seed);
  const markerFile = join(localFolder(), 'data', 'sample-photos.json');
  if (values.again) await writeMarker(markerFile, { seed, done: 0 });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const sent = await feed({
    consoleUrl: values.console.replace(/\/$/, ''),
    count: wholeOf('count', values.count),
    durationMs: wholeOf('seconds', values.seconds) * 1_000,
    seed,
    markerFile,
    say,
  });
  say(
    sent > 0
      ? `${sent} photos uploaded.`
      : 'The sample photos have been uploaded before; --again repeats them.',
  );
}

function wholeOf(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text))
    throw new AppError('argument-invalid', `--${name} takes a whole number, not ${text}`);
  return Number(text);
}
