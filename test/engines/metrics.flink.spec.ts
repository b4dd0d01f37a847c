// What the dashboards and alarms ask of Flink, asked of the real reporter while the real job counts.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom } from '../../demo/samples/random.ts';
import { flink as QUERIES } from '../../k8s/observability/queries/flink.ts';
import type { RunningFlink } from '../../local/flink/flink.ts';
import { imageLog } from '../faults/image-log.ts';
import { Rig } from '../faults/rig.ts';
import { countLog } from './counts.ts';
import { FlinkCount } from './flink-count.ts';
import { startSpecFlink } from './spec-flink.ts';

const MINUTE_MS = 60_000;
const PATIENCE = { outOfOrderBoundMs: 2_000, latenessMs: 1_000 };
const LOOKS_MAX = 50;

let flink: RunningFlink;
let rig: Rig;
let count: FlinkCount;

beforeAll(async () => {
  [flink, rig] = await Promise.all([startSpecFlink(), Rig.open()]);
  await rig.feed(
    imageLog(createRandom(3), { events: 300, spanMs: MINUTE_MS, startMs: Date.now() - 5 * MINUTE_MS }),
    100,
    0,
  );
  count = await FlinkCount.begin({ flink, client: rig.client, brokers: rig.env.KAFKA_BROKERS!, ...PATIENCE });
  await count.caughtUp((await countLog(rig.client, { ...PATIENCE, seenIdsMax: 262_144 })).behindLast);
}, 180_000);

afterAll(async () => {
  await count.close();
  await rig.close();
  await flink.stop();
}, 60_000);

const series = async (): Promise<string[]> => {
  const pages = await Promise.all(
    flink.metrics.map(async (address) => (await fetch(`http://${address}/metrics`)).text()),
  );
  return pages
    .join('\n')
    .split('\n')
    .filter((line) => line.startsWith('flink_'));
};

/** What a query asks for: `name{label=…` of each of its series. */
const asked = (promql: string) =>
  [...promql.matchAll(/(flink_\w+)(?:\{(\w+)=~"([^"]*)"\})?/g)].map(([, name = '', label, pattern]) => ({
    name,
    label,
    pattern,
  }));

const isTold = (
  told: readonly string[],
  { name, label, pattern }: ReturnType<typeof asked>[number],
): boolean =>
  told.some(
    (line) => line.startsWith(`${name}{`) && (!label || new RegExp(`${label}="${pattern}"`).test(line)),
  );

/** Some appear with the first checkpoint, some a while after the job. */
async function toldOf(promql: string): Promise<readonly string[]> {
  for (let look = 0; ; look += 1) {
    const told = await series();
    const missing = asked(promql).filter((one) => !isTold(told, one));
    if (missing.length === 0 || look === LOOKS_MAX) return missing.map(({ name }) => name);
    await sleep(200);
  }
}

describe('the reporter of Flink', () => {
  it.each(Object.entries(QUERIES).map(([name, { promql }]) => [name, promql] as const))(
    'tells what is asked for %s',
    async (_name, promql) => {
      expect(asked(promql).length).toBeGreaterThan(0);
      expect(await toldOf(promql)).toEqual([]);
    },
  );

  it('negative control: has no series of an unknown name', async () => {
    expect(
      isTold(await series(), {
        name: 'flink_jobmanager_job_unheardOf',
        label: undefined,
        pattern: undefined,
      }),
    ).toBe(false);
  });
});
