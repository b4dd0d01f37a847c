// The cluster that `KUBECONFIG` names, through kubectl.
import { spawn } from 'node:child_process';
import { AppError } from '#runtime/errors.ts';

export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl to its end, whatever it answers. */
export function kubectl(args: readonly string[], input = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (cause) => reject(new AppError('no-kubectl', 'kubectl does not run', {}, cause)));
    child.on('close', (status) =>
      resolve({
        status: status ?? 1,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** @throws AppError `kubectl-refused` with the cluster's own words */
export async function mustDo(args: readonly string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await kubectl(args, input);
  if (status !== 0)
    throw new AppError('kubectl-refused', `kubectl ${args.slice(0, 3).join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** What the cluster holds of a kind; nothing where it has no such object or kind. */
export async function readObject<Shape>(
  kind: string,
  namespace: string,
  name: string,
): Promise<Shape | undefined> {
  const { status, stdout } = await kubectl(['get', kind, name, '--namespace', namespace, '--output', 'json']);
  return status === 0 ? (JSON.parse(stdout) as Shape) : undefined;
}

/** Several at once, in their order. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
  atOnceMax = 6,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await act(items[index]!);
  };
  await Promise.all(Array.from({ length: atOnceMax }, work));
  return results;
}
