// Brings the jars of a list into a folder, each verified, where an image is built that holds them. Arguments: the list, the folder.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { bringJars } from '../jars/jars.ts';
import type { JarsLock } from '../jars/jars-lock.ts';
import { mavenRepository } from '../maven/repository.ts';

runMain(async () => {
  const [list, folder] = process.argv.slice(2);
  if (!list || !folder) throw new AppError('arguments-missing', 'expected a list of jars and a folder');
  const { jars } = JSON.parse(readFileSync(list, 'utf8')) as JarsLock;
  const progress = (line: string, kind?: 'passing'): void => {
    if (kind !== 'passing') process.stdout.write(`${line}\n`);
  };
  const repository = mavenRepository();
  await bringJars(progress, {
    title: 'Apache Flink',
    jars,
    repository,
    folder: resolve(folder),
    isOffline: false,
  });
});
