// Where checkov is. Takes a minute and 290 MB to install.
import { join } from 'node:path';
import { findProgram, type Installed, installProgram, type NotInstalled } from '../../python-program.ts';

const CHECKOV = {
  name: 'checkov',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  command: 'npm run check:checkov',
};

/** A program that can be run. */
export type Checkov = Installed;

export const findCheckov = (): Checkov | NotInstalled => findProgram(CHECKOV);
export const installCheckov = (say: (line: string) => void): Checkov | NotInstalled =>
  installProgram(CHECKOV, say);
