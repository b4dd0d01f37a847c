// The process that a function of a file runs in.
import { pathToFileURL } from 'node:url';
import { type FunctionModule, serveFunction } from './serve-function.ts';

const [, , handlerFile = ''] = process.argv;

await serveFunction(async () => (await import(pathToFileURL(handlerFile).href)) as FunctionModule);
