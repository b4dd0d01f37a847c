/** Jest's global setup of the projects that need the platform: runs once, and only when a spec of them was selected. */
export default async function setUp() {
  const { startPlatform } = await import('./platform.ts');
  const say = (line) => process.stderr.write(`platform: ${line}\n`);
  const platform = await startPlatform(say);
  // Workers are started afterwards and inherit these.
  Object.assign(process.env, platform.env, { PLATFORM_VARIABLES: Object.keys(platform.env).join(',') });
  globalThis.sharedPlatform = platform;
}
