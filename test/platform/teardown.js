/** Jest's global teardown. A run that is interrupted or killed does not come here: the warden cleans up behind it. */
export default async function tearDown() {
  await globalThis.sharedPlatform?.stop();
}
