// Starts the user service: settings in, its work out.
import { join } from 'node:path';
import { userService } from '#contracts/shop-processes.ts';
import { runService } from '#runtime/service.ts';
import { userConfig } from './config.ts';
import { createUserWork } from './work.ts';

runService({
  process: userService,
  config: userConfig,
  migrations: join(import.meta.dirname, 'migrations'),
  async build({ config, pool, registry, log }) {
    const previous = config.SIGNING_KEK_PREVIOUS;
    const { routes, jobs } = await createUserWork({
      pool,
      registry,
      log,
      keyEncryptionKeys: [config.SIGNING_KEK, ...(previous ? [previous] : [])],
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      costLog2: config.PASSWORD_COST_LOG2,
      hashesMax: config.PASSWORD_HASHES_MAX,
    });
    return { routes, jobs };
  },
});
