// The runner with limits that let the controls end soon.
import { resolve } from 'node:path';
import { common } from '../../../jest.config.js';

const rootDir = resolve(import.meta.dirname, '../../..');

export default {
  rootDir,
  maxWorkers: 2,
  // With a limit jest never runs a few quick files in its own process, where a killed spec would be its own end.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 1_000,
  reporters: ['default', './test/closing-line.js'],
  projects: [
    {
      ...common,
      rootDir,
      testMatch: ['**/test/runner/controls/*.control.ts'],
      testEnvironmentOptions: { blockedMsMax: 3_000 },
    },
  ],
};
