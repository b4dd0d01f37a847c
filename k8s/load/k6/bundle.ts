// The k6 script as one file, as its ConfigMap holds it. The same sources give the same bytes.
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../..');
/** etcd takes no larger object (Kubernetes: "The data stored in a ConfigMap cannot exceed 1 MiB"). */
const BYTES_MAX = 1_048_576;

/** @throws TypeError when it would be too large for a ConfigMap */
export function bundleScript(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['k8s/load/k6/script.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    // k6's engine knows ECMAScript 2015 and much of what came after (grafana.com/docs/k6, "JavaScript and TypeScript mode").
    target: 'es2020',
    external: ['k6', 'k6/*'],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const text = outputFiles[0]!.text;
  if (Buffer.byteLength(text) >= BYTES_MAX) throw new TypeError('the k6 script is too large for a ConfigMap');
  return text;
}
