// The admin whose password is on the sign-in page is for a laptop's `npm start`. Nothing that is deployed makes such an account, or
// names one; the programs themselves refuse it there too (services/user/samples.ts, services/storefront/config.ts).
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { IMAGE_SOURCES } from '../../k8s/images/catalogue.ts';
import { samplesConfig } from '../../services/user/samples.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What becomes images, manifests and Terraform, and what these say in Git. */
const DEPLOYED = '{k8s,stacks,contracts,lambda,.github}/**/*.{ts,yaml,yml,json,md,Dockerfile}';
const SAMPLE = /SAMPLE_ADMIN|user\/samples/;

async function filesOf(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: ROOT })) files.push(file);
  return files;
}

const sampleFaults = (files: readonly (readonly [path: string, text: string])[]): string[] =>
  files.filter(([, text]) => SAMPLE.test(text)).map(([path]) => path);

it('is named by nothing that is deployed', async () => {
  const paths = await filesOf(DEPLOYED);
  const overlays = paths.filter((path) => path.startsWith('k8s/overlays/aws-prod/'));
  expect([paths.length > 500, overlays.length > 100]).toEqual([true, true]);
  const files = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(ROOT, path), 'utf8')] as const),
  );
  expect(sampleFaults(files)).toEqual([]);
});

it('is made by no image', () => {
  expect(IMAGE_SOURCES.map(({ entry }) => entry)).not.toContain('services/user/samples.ts');
  expect(IMAGE_SOURCES.map(({ entry }) => entry)).toContain('services/product/samples.ts');
});

it('negative control: a manifest with its settings is reported, by the names that the command has', () => {
  const names = Object.keys(samplesConfig).filter((name) => SAMPLE.test(name));
  expect(names).toEqual(['SAMPLE_ADMIN_EMAIL', 'SAMPLE_ADMIN_PASSWORD']);
  for (const name of names)
    expect(sampleFaults([['k8s/overlays/aws-prod/x.yaml', `- name: ${name}`]])).toHaveLength(1);
  expect(sampleFaults([['k8s/images/x.ts', `entry: 'services/user/samples.ts'`]])).toHaveLength(1);
});
