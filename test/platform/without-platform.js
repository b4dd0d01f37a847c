/**
 * Unit specs know nothing of a platform, also when one runs for other specs of the same run: libraries read its variables by
 * themselves (the AWS SDK its endpoint), and the embedded servers give way to what they name.
 */
for (const name of (process.env.PLATFORM_VARIABLES ?? '').split(',')) delete process.env[name];
