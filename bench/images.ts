// Images a second of the handler's own pipeline against bare sharp making the same renditions, in one run.
// Prints a table and ends with one line of JSON; exits with 1 when the pipeline is slower than the ratio allows.
import sharp, { type Sharp } from 'sharp';
import { ENCODING } from '../lambda/image-renditions/codec.ts';
import { eventId, renditionKey } from '../lambda/image-renditions/names.ts';
import { makeRenditions } from '../lambda/image-renditions/pipeline.ts';
import { type ImageFormat, renditionSizes } from '../lambda/image-renditions/plan.ts';
import { jpegPhoto, photo, transparentPng } from '../lambda/image-renditions/test-photos.ts';
import { readOptions } from './options.ts';

const RATIO_MIN = 0.9;
const { rounds: ROUNDS } = readOptions(
  `Measures the image function's pipeline against bare sharp.

  npm run bench:images -- [--rounds 9]

  --rounds  how often each side of a photo is measured, in turns`,
  { rounds: 9 },
);

interface Sample {
  readonly name: string;
  readonly format: ImageFormat;
  readonly output: 'jpeg' | 'webp';
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** Everything the Lambda does but the network: sniffing, header, rules, decode, renditions, keys and ids by hash. */
async function viaPipeline(sample: Sample): Promise<number[]> {
  const result = await makeRenditions(sample, sample.bytes);
  if (!result.ok) throw new Error(result.rejection.detail);
  const upload = { productId: 'p', uploadId: 'u', format: sample.format };
  for (const { label, format } of result.renditions) {
    renditionKey(upload, 'v1', label, format);
    eventId({ bucket: 'raw', key: 'uploads/p/u.jpg', version: 'v1' }, label);
  }
  return result.renditions.map(({ body }) => body.length);
}

/** What a person would write with sharp alone, knowing the sizes: one decode, then all from the largest. */
async function viaBareSharp(sample: Sample): Promise<number[]> {
  const [largest, ...others] = renditionSizes(sample);
  if (!largest) return [];
  const { data, info } = await sharp(sample.bytes)
    .autoOrient()
    .resize(largest.width, largest.height, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const encode = (image: Sharp) =>
    (sample.output === 'jpeg' ? image.jpeg(ENCODING.jpeg) : image.webp(ENCODING.webp)).toBuffer();
  const bodies = await Promise.all([
    encode(sharp(data, { raw })),
    ...others.map((size) => encode(sharp(data, { raw }).resize(size.width, size.height, { fit: 'fill' }))),
  ]);
  return bodies.map((body) => body.length);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

async function msOf(work: (sample: Sample) => Promise<number[]>, sample: Sample): Promise<number> {
  const start = performance.now();
  await work(sample);
  return performance.now() - start;
}

/** Turns go A B B A: other work on the machine, and any drift of it, affects both alike. */
async function compare(sample: Sample) {
  const [ours, bare] = [await viaPipeline(sample), await viaBareSharp(sample)];
  if (ours.join() !== bare.join()) throw new Error(`${sample.name}: the two make different renditions`);
  const pipelineMs: number[] = [];
  const bareMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    pipelineMs.push(await msOf(viaPipeline, sample));
    bareMs.push(await msOf(viaBareSharp, sample), await msOf(viaBareSharp, sample));
    pipelineMs.push(await msOf(viaPipeline, sample));
  }
  const imagesPerSecond = 1_000 / median(pipelineMs);
  const bareImagesPerSecond = 1_000 / median(bareMs);
  return {
    name: sample.name,
    renditions: ours.length,
    imagesPerSecond: round2(imagesPerSecond),
    bareImagesPerSecond: round2(bareImagesPerSecond),
    ratio: round2(imagesPerSecond / bareImagesPerSecond),
  };
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

const sample = (
  name: string,
  [format, output]: [ImageFormat, Sample['output']],
  [width, height]: [number, number],
  bytes: Buffer,
): Sample => ({ name, format, output, width, height, bytes });

/** The first is the headline: what a phone uploads. */
const samples: Sample[] = [
  sample('jpeg 4000x3000', ['jpeg', 'jpeg'], [4_000, 3_000], await jpegPhoto(4_000, 3_000)),
  sample('jpeg 1200x900', ['jpeg', 'jpeg'], [1_200, 900], await jpegPhoto(1_200, 900)),
  sample('png alpha 1200x900', ['png', 'webp'], [1_200, 900], await transparentPng(1_200, 900)),
  sample('webp 1200x900', ['webp', 'jpeg'], [1_200, 900], await photo(1_200, 900).webp().toBuffer()),
  sample(
    'avif 1200x900',
    ['avif', 'jpeg'],
    [1_200, 900],
    await photo(1_200, 900).avif({ effort: 0 }).toBuffer(),
  ),
];

const results = [];
for (const each of samples) results.push(await compare(each));
console.table(results);
const headline = results[0];
if (!headline) throw new Error('no sample');
// One invocation works on one photo, so ten or a hundred times the uploads are ten or a hundred invocations side by
// side (reserved concurrency permitting): the figure per core stays, and Kafka sees five small records per photo.
const perCore = `10x / 100x uploads: ${Math.ceil(10 / headline.imagesPerSecond)} / ${Math.ceil(
  100 / headline.imagesPerSecond,
)} machines like this one keep up with 10 / 100 photos a second`;
console.log(perCore);
console.log(
  JSON.stringify({
    bench: 'images',
    ...headline,
    ratioMin: RATIO_MIN,
    rounds: ROUNDS,
    more: results.slice(1),
  }),
);
if (headline.ratio < RATIO_MIN) process.exitCode = 1;
