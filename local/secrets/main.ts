// Makes the secrets of a laptop's cluster where they are missing, inside of it, once. Prints names and no values.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { wantedSecrets } from '#contracts/cluster-secrets.ts';
import { loadConfig } from '#runtime/config.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { kubernetesSecrets } from './kubernetes-secrets.ts';
import { makeSecrets } from './make-secrets.ts';

const config = {
  ...logConfig,
  WANTED_FILE: z.string().min(1).describe('what is to be made, as JSON'),
  KUBERNETES_URL: z.url().describe('the API server'),
  TOKEN_FILE: z.string().min(1).describe('the token of the pod’s service account'),
};

runMain(async () => {
  const { WANTED_FILE, KUBERNETES_URL, TOKEN_FILE, LOG_LEVEL } = loadConfig(config);
  const log = createLogger('secrets', LOG_LEVEL);
  const wanted = wantedSecrets.parse(JSON.parse(await readFile(WANTED_FILE, 'utf8')));
  const store = kubernetesSecrets(KUBERNETES_URL, () => readFile(TOKEN_FILE, 'utf8'));
  const report = await makeSecrets(wanted, store);
  log.info({ ...report }, 'every secret is there');
});
