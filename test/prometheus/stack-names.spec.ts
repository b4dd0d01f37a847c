import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lokiBucket, volumeKeyAlias } from '../../k8s/observability/aws/names.ts';
import { receivers } from '../../k8s/observability/aws/receivers.ts';
import { type AwsOverlay, readOverlays } from '../../k8s/overlays.ts';

/** The topic that Alertmanager writes to, as it is called. */
const topicOf = (overlay: AwsOverlay): string =>
  receivers(overlay)
    .receivers.flatMap((receiver) => receiver.sns_configs ?? [])
    .map(({ topic_arn }) => topic_arn.split(':').at(-1)!)
    .join();

/** What the stacks of the production environment make. */
const snapshots = readFileSync(
  join(import.meta.dirname, '../infra/__snapshots__/snapshots.spec.ts.snap'),
  'utf8',
);
const production = readOverlays().find((one): one is AwsOverlay => one.name === 'aws-prod')!;

describe('the names of what the stacks make for observability', () => {
  it.each([
    ['the bucket of logs', `"bucket": "${lokiBucket(production)}"`],
    ['the topic of alarms', `"name": "${topicOf(production)}"`],
    ['the key of disks', `"name": "${volumeKeyAlias(production).split(':').at(-1)}"`],
  ])('are theirs: %s', (_what, line) => {
    expect(snapshots.includes(line)).toBe(true);
    expect(snapshots.includes(line.replace(/"$/, '-x"'))).toBe(false);
  });
});
