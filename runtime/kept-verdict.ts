// What a reconciliation found last, as a file: the tool writes it when it ends, and who wants to know reads it.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { messageOf } from './errors.ts';

/** The commands that compare, by what they are called here. */
export const RECONCILIATIONS = ['counts', 'orders', 'payments'] as const;
export type Reconciliation = (typeof RECONCILIATIONS)[number];

export const verdictFolder = z.string().min(1).describe('folder of what reconciliations found last');
/** When not set, results are only printed. */
const verdictConfig = { RECONCILE_FOLDER: verdictFolder.optional() };

const finding = z.object({ where: z.string(), key: z.string(), what: z.string() });
const verdict = z.object({
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** `unfinished`: no difference, but something is still on its way. */
  outcome: z.enum(['equal', 'different', 'unfinished', 'could-not-look']),
  /** Why it could not look; else what was compared, in words. */
  words: z.string(),
  differenceCount: z.int().nonnegative(),
  /** What was still on its way, which is no difference. */
  pendingCount: z.int().nonnegative(),
  /** The first of the differences and of what is on its way. */
  findings: z.array(finding),
});
export type Verdict = z.infer<typeof verdict>;
type Finding = z.infer<typeof finding>;

const FINDINGS_MAX = 50;
const TEXT_LENGTH_MAX = 1_000;

const fileOf = (folder: string, name: Reconciliation): string => join(folder, `${name}.json`);

/** What a comparison has found, as its tool says it. */
export type Found = Omit<Verdict, 'startedAt' | 'endedAt' | 'differenceCount'> & {
  readonly differences: readonly Finding[];
};

/**
 * Compares, and keeps what was found, or why it could not look, in `RECONCILE_FOLDER`. The comparison's result, or its failure, is the
 * caller's as it would be without.
 */
export async function keepingVerdict<Result>(
  name: Reconciliation,
  compare: () => Promise<Result>,
  foundOf: (result: Result) => Found,
): Promise<Result> {
  const { RECONCILE_FOLDER: folder } = loadConfig(verdictConfig);
  if (!folder) return compare();
  const startedAt = new Date().toISOString();
  try {
    const result = await compare();
    await keep(folder, name, startedAt, foundOf(result));
    return result;
  } catch (error) {
    const failed = { outcome: 'could-not-look', words: messageOf(error), pendingCount: 0 } as const;
    await keep(folder, name, startedAt, { ...failed, differences: [], findings: [] });
    throw error;
  }
}

/** Replaces the last one: a reader sees the old or the new one, never a part. */
async function keep(
  folder: string,
  name: Reconciliation,
  startedAt: string,
  { differences, ...found }: Found,
): Promise<void> {
  const kept: Verdict = {
    ...found,
    startedAt,
    endedAt: new Date().toISOString(),
    differenceCount: differences.length,
    words: cut(found.words),
    findings: [...differences, ...found.findings]
      .slice(0, FINDINGS_MAX)
      .map(({ where, key, what }) => ({ where: cut(where), key: cut(key), what: cut(what) })),
  };
  const file = fileOf(folder, name);
  const written = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(written, JSON.stringify(kept));
    await rename(written, file);
  } catch (error) {
    process.stderr.write(`the result is not kept in ${folder}: ${messageOf(error)}\n`);
  }
}

const cut = (text: string): string => text.slice(0, TEXT_LENGTH_MAX);

/** The last one; undefined where there is none. @throws what the file system says, or that the file is none of ours */
export async function readVerdict(folder: string, name: Reconciliation): Promise<Verdict | undefined> {
  const text = await readFile(fileOf(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : verdict.parse(JSON.parse(text));
}
