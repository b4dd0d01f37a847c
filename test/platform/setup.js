/** Jest's global setup of the projects that need the platform: runs once, and only when a spec of them was selected. */
export default async function setUp() {
  const { startPlatform, sayOnStderr } = await import('./platform.ts');
  const platform = await startPlatform(sayOnStderr());
  // Workers are started afterwards and inherit these.
  Object.assign(process.env, platform.env, { PLATFORM_VARIABLES: Object.keys(platform.env).join(',') });
  globalThis.sharedPlatform = platform;
}
