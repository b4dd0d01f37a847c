// Registers tests that need terraform; where there is none, they are in the report as not done, and a line says so.
import { describe, it } from '@jest/globals';
import { findTerraform, type Terraform } from './find-terraform.ts';
import { providersLabel } from './terraform-run.ts';

/** The title names what was checked against. */
export function describeWithTerraform(title: string, tests: (terraform: Terraform) => void): void {
  const found = findTerraform(process.env);
  if (!('missing' in found)) {
    describe(`${title} (terraform ${found.version}, ${providersLabel})`, () => tests(found));
    return;
  }
  const line = `terraform was not found: NOT checked: ${title} (${found.missing}; set TERRAFORM_PATH)`;
  // "todo" is counted beside passed and failed, so neither is claimed; its title is seen in verbose runs only.
  process.stderr.write(`${line}\n`);
  describe(title, () => it.todo(line));
}
