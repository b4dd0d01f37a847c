// Jest's runtime without its module loader: specs and what they import are loaded by Node itself, once for each worker.
// In: the paths that jest and jest-circus ask for. Out: Node's own modules, and `@jest/globals` of the spec that runs.
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { within } from '#runtime/deadline.ts';
import { type Globals, provideGlobals } from './globals.ts';
import { keepLateErrors } from './late-errors.ts';

const require = createRequire(import.meta.url);
// Its declarations describe the CommonJS form, and only that.
const { default: Runtime } = require('jest-runtime') as typeof import('jest-runtime');
type Runtime = InstanceType<typeof Runtime>;
const globalsUrl = new URL('globals.ts', import.meta.url).href;

// The package's own code only throws: jest's loader gives specs the functions of the run instead, and so do we.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url: globalsUrl, shortCircuit: true } : next(specifier, context),
});
keepLateErrors();

/** How often each file was imported by its path. */
const imports = new Map<string, number>();

export default class BareRuntime extends Runtime {
  readonly #importMsMax: number;

  constructor(...options: ConstructorParameters<typeof Runtime>) {
    super(...options);
    this.#importMsMax = options[7].testTimeout ?? 5_000;
  }

  override unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  /** A setup file, or in watch mode a spec, was loaded before: it runs again under a new address. */
  override async unstable_importModule(path: string): Promise<never> {
    const count = imports.get(path) ?? 0;
    imports.set(path, count + 1);
    const url = `${pathToFileURL(path).href}${count === 0 ? '' : `?import=${count}`}`;
    return (await within(this.#importMsMax, import(url), { what: `importing ${path}` })) as never;
  }

  override requireModule(path: string): never {
    return require(path) as never;
  }

  /** Loads jest-circus again for every spec file: the state of its module holds the tests of one. */
  override requireInternalModule(path: string): never {
    delete require.cache[path];
    return require(path) as never;
  }

  override setGlobalsForRuntime(globals: Parameters<Runtime['setGlobalsForRuntime']>[0]): void {
    super.setGlobalsForRuntime(globals);
    // Private, and there is no other door to the `jest` object: only jest's own loader hands it out.
    const { jestGlobals } = this as unknown as {
      jestGlobals: { jestObjectFor(path: string): Globals['jest'] };
    };
    provideGlobals({
      ...globals,
      jest: jestGlobals.jestObjectFor(import.meta.filename),
    });
  }
}
