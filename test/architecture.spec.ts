// The house rules over the tree as it is; that each rule can fail is shown beside it, in architecture/*.spec.ts.
import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from '#contracts/processes.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { TOPICS } from '#contracts/topics.ts';
import { circleFaults, lengthFaults } from './architecture/cohesion.ts';
import { contractNames } from './architecture/contract-names.ts';
import { forwardingFaults, nameFaults } from './architecture/form-rules.ts';
import {
  importFaults,
  packageFaults,
  providerFaults,
  singleDoorFaults,
} from './architecture/import-rules.ts';
import { shapeFaults, storefrontFaults } from './architecture/service-shape.ts';
import { readRepositoryFile, repositoryPaths, sourceFiles } from './architecture/source-files.ts';
import { textKeyFaults } from './architecture/text-keys.ts';
import { processFaults } from './architecture/topic-uses.ts';

const files = sourceFiles();
const manifest = JSON.parse(readRepositoryFile('package.json'));

describe('the repository', () => {
  it('is read by the rules below, all of it', () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['contracts/topics.ts', 'runtime/http/server.ts']),
    );
  });

  it('imports only what the table allows', () => {
    expect(files.flatMap(importFaults)).toEqual([]);
  });

  it('imports only packages that package.json names, for where they run', () => {
    expect(files.flatMap((file) => packageFaults(file, manifest))).toEqual([]);
  });

  it('reaches each library with one door through that door', () => {
    expect(files.flatMap(singleDoorFaults)).toEqual([]);
  });

  it('take of a Terraform provider one resource at a time', () => {
    expect(files.flatMap(providerFaults)).toEqual([]);
  });

  it('has no file that only forwards', () => {
    expect(files.flatMap(forwardingFaults)).toEqual([]);
  });

  it('names purposes', () => {
    expect(files.flatMap(nameFaults)).toEqual([]);
  });

  it('has services of one shape', () => {
    const paths = repositoryPaths('services/**/*');
    expect(shapeFaults(files, paths, SERVICES)).toEqual([]);
    expect(storefrontFaults(paths)).toEqual([]);
  });

  it('looks nothing up in a plain object by a text', () => {
    expect(textKeyFaults(files)).toEqual([]);
  });

  it('has no circles of files', () => {
    expect(circleFaults(files)).toEqual([]);
  });

  it('has functions that fit a screen, and no file that should be asked whether it is two', () => {
    expect(files.flatMap(lengthFaults)).toEqual([]);
  });

  it('decodes and encodes exactly the topics that contracts/processes.ts lists for each process', () => {
    expect(processFaults(files, PROCESSES, contractNames, TOPICS)).toEqual([]);
  });
});
