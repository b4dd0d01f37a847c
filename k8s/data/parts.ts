// What makes a laptop's cluster a complete shop without any cloud; elsewhere the stacks make all of it.
import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { analyticsPart } from './analytics.ts';
import { flinkPart } from './flink.ts';
import { kafkaPart } from './kafka.ts';
import { metricsServerPart } from './metrics-server.ts';
import { postgresPart } from './postgres.ts';
import { sampleProductsPart } from './sample-products.ts';
import { secretsPart } from './secrets.ts';
import { firestorePart, gcsPart, s3Part } from './stores.ts';

export function dataParts(app: App, overlay: Overlay): Part[] {
  if (overlay.kind !== 'local') return [];
  const parts = [
    metricsServerPart,
    secretsPart,
    kafkaPart,
    postgresPart,
    s3Part,
    gcsPart,
    firestorePart,
    analyticsPart,
    flinkPart,
    sampleProductsPart,
  ];
  return parts.map((part) => part(app, overlay));
}
