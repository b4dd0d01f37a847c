// A module of runtime/ in, another one in its place out, for every later import in this process: a part of a service is switched
// off and the rest of it stays as it is.
import { registerHooks } from 'node:module';

/** From now on imports of `runtime/<file>` get the module of this address. */
export function substitute(file: string, withUrl: string): void {
  const original = new URL(`../../runtime/${file}`, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      return resolved.url === original ? { ...resolved, url: withUrl } : resolved;
    },
  });
}
