// The cdktf CLI's program: `npx` starts it for a person, and takes a third of a second to find it.
import { join } from 'node:path';

/** For this process's own Node: its arguments come behind. */
export const CDKTF_PROGRAM = join(import.meta.dirname, '../../node_modules/cdktf-cli/bundle/bin/cdktf');
