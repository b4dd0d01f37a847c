// The platform pages: what the two clouds do, for those who run them. All that is shown comes from the console's API.
import type { FastifyInstance } from 'fastify';
import type { Site } from '../../site.ts';
import { useDeadLetters } from './dead-letters.ts';
import { useFaults } from './faults.ts';
import { useJourneys } from './journeys.ts';
import { createPartStreams } from './live-parts.ts';
import { useOverview } from './overview.ts';
import { useReconciliations } from './reconciliations.ts';
import { useStores } from './stores.ts';
import { useUploads } from './uploads.ts';
import { useWindows } from './windows-page.ts';

/** A line for each page. */
export function usePlatform(app: FastifyInstance, site: Site): void {
  const streams = createPartStreams(app, site);
  useOverview(app, site, streams);
  useWindows(app, site, streams);
  useJourneys(app, site);
  useFaults(app, site, streams);
  useStores(app, site);
  useDeadLetters(app, site, streams);
  useReconciliations(app, site, streams);
  useUploads(app, site);
}
