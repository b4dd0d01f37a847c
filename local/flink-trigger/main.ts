// What the schedule of a laptop's cluster runs: makes it so that the engine that is wanted counts images, and says in one line what it
// did. Where that cannot be, it ends with code 1 and one sentence.
import { z } from 'zod';
import { loadConfig, wholeNumber } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { engineConfig, openEngine } from '../../analytics/flink/runs/engine.ts';
import { runStatements } from '../flink/gateway.ts';
import { flinkRest } from '../flink/rest.ts';
import { TRIGGERS } from './trigger.ts';

const config = {
  ...logConfig,
  ...engineConfig,
  ANALYTICS_ENGINE: z
    .enum(['node', 'flink', 'node-anew'])
    .describe('which engine is to count images; node-anew: also what the run of Flink has counted'),
  FLINK_URL: z.url().describe('the JobManager’s REST interface'),
  FLINK_GATEWAY_URL: z.url().describe('the SQL gateway'),
  FLINK_STATE_FOLDER: z.string().min(1).describe('holds a folder for each run, at the same path for Flink'),
  FLINK_WAIT_MS_MAX: wholeNumber(0)
    .default(120_000)
    .describe('how long Flink, and then the job, may take to get ready, in milliseconds'),
};

runMain(async () => {
  const settings = loadConfig(config);
  const log = createLogger('flink-trigger', settings.LOG_LEVEL);
  const engine = openEngine(settings, log);
  const flink = {
    rest: flinkRest(settings.FLINK_URL),
    run: (statements: readonly string[]) => runStatements(settings.FLINK_GATEWAY_URL, statements),
  };
  const { FLINK_STATE_FOLDER: stateFolder, FLINK_WAIT_MS_MAX: waitMsMax } = settings;
  const trigger = TRIGGERS[settings.ANALYTICS_ENGINE];
  try {
    const isDone = await engine.alone(async () => {
      await trigger({ engine, flink, stateFolder, env: process.env, log, waitMsMax });
      return true;
    });
    // Whoever is at it may want the other engine: who wants Node is asked again by Kubernetes, who wants Flink by the schedule.
    if (!isDone) throw new AppError('trigger-at-work', 'another trigger is at work: nothing was changed');
  } finally {
    await engine.close();
  }
});
