// Cloud Storage in a container of a laptop's cluster.
import { commaList } from '#runtime/config.ts';
import { containerConfig, runContainer, serverOptions } from '../server/container.ts';
import { startGcs } from './gcs.ts';

const config = { ...containerConfig, BUCKETS: commaList.describe('buckets that are made if missing') };

runContainer(
  'gcs',
  config,
  (settings) =>
    startGcs({
      ...serverOptions(settings),
      // This is the server, wherever the environment says that others find one.
      replacement: '',
      buckets: settings.BUCKETS,
    }),
  ({ GCS_ENDPOINT }) => `${GCS_ENDPOINT}/storage/v1/b`,
);
