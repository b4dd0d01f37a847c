// Replaces a module of runtime/ by another one, for every later import in this process. So one part of a service is switched off, and
// the rest stays as it is.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** From now on imports of `runtime/<file>` get the module of this address. @throws where there is no such file */
export function substitute(file: string, withUrl: string): void {
  const { href: original } = new URL(`../../runtime/${file}`, import.meta.url);
  if (!existsSync(new URL(original)))
    throw new Error(`runtime/${file} was moved: nothing would be switched off`);
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      return resolved.url === original ? { ...resolved, url: withUrl } : resolved;
    },
  });
}
