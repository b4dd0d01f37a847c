import { compileCache } from './local/launcher/folders.ts';

// What Node has compiled is kept for later workers, for the programs that specs start, and for the next run.
Object.assign(process.env, compileCache);

/** Unit specs run by themselves; the others share one real platform that the global setup starts. */
export const common = {
  // Specs run in Node itself, as programs do, several files in one process: see test/runner/README.md.
  runtime: './test/runner/runtime.ts',
  testEnvironment: './test/runner/environment.ts',
  injectGlobals: false,
  transform: {},
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/', '<rootDir>/.cache/'],
};

/** Jest runs a setup that several projects name once, and not at all when none of their specs was selected. */
const onPlatform = (displayName) => ({
  ...common,
  displayName,
  testMatch: [`**/*.${displayName}.spec.ts`],
  globalSetup: './test/platform/setup.js',
  globalTeardown: './test/platform/teardown.js',
});

export default {
  // Jest's own choice, one less than there are cores, is a single worker on two; the specs mostly wait for servers.
  maxWorkers: 3,
  // Modules of finished specs stay in a worker's memory, gigabytes in the end, and collecting them takes its time. What is garbage
  // already is in it, too: the memory that `npm run test:jest` gives new objects, and old ones at first, spares collections.
  workerIdleMemoryLimit: '1500MB',
  testSequencer: './test/sequencer.js',
  // A limit for what hangs; on a busy machine jest's own five seconds are a verdict about the machine.
  testTimeout: 60_000,
  reporters: ['default', './test/still-running.js', './test/closing-line.js'],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['**/*.spec.ts'],
      setupFiles: ['./test/platform/without-platform.js'],
      testPathIgnorePatterns: ['/node_modules/', '\\.(int|e2e|fault|flink)\\.spec\\.ts$'],
    },
    onPlatform('int'),
    onPlatform('e2e'),
    onPlatform('fault'),
    onPlatform('flink'),
  ],
};
