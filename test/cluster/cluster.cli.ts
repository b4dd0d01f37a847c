// `npm run test:cluster`: what a real API server and ArgoCD say of the rendered overlays, on the cluster that KUBECONFIG names.
// Out: a line for each step, each refusal with the server's own words, and what could not be shown here. Exit code 1: something was
// refused or not reached; 2: the cluster may not be touched.
import { parseArgs } from 'node:util';
import { runMain } from '#runtime/lifecycle.ts';
import { type Content, OVERLAYS_FOLDER, overlaysIn, readContent } from '../k8s/content.ts';
import { judgeContext, readContext } from './context.ts';
import { definitionFiles, groupsToBring } from './crds.ts';
import { proveGitOps } from './gitops.ts';
import { kubectl, mustDo } from './kubectl.ts';
import { takeAsHealthy } from './pretended.ts';
import { controls, reasonOf, tryOverlay } from './refusals.ts';

const HELP = `Tries the rendered overlays on the cluster that KUBECONFIG names: a cluster of this machine, made for that (kind, k3d, minikube).

  npm run test:cluster [-- <options>]

It installs the definitions of the operators' kinds, makes the namespaces with their bounds and accounts, and has the API server judge every
object of every overlay and a pod of every workload: applied by the server, unknown fields refused, by the restricted standard. With --git-url
it gives the ArgoCD that runs there the root of the overlay local, waits until all of it is Synced and Healthy, breaks something by hand, and
commits what no server takes.

  --overlay <name>     only this one, such as local
  --crds <folder>      definitions from here instead of the projects' repositories; they are checked by checksum either way
  --git-url <url>      where the cluster's ArgoCD reads Git; without it ArgoCD is not asked
  --git-push <url>     where this command pushes the branch that ArgoCD then reads: an address, or the folder of a bare repository
  --pretended-nodes    the nodes only pretend (KWOK): what needs a program that runs is taken as healthy, and said
  --minutes <n>        longest wait for ArgoCD @default 15
  --yes-really         also on a cluster that is not of this machine
  --help               this text`;

const OPTIONS = {
  overlay: { type: 'string' },
  crds: { type: 'string' },
  'git-url': { type: 'string' },
  'git-push': { type: 'string' },
  'pretended-nodes': { type: 'boolean', default: false },
  minutes: { type: 'string', default: '15' },
  'yes-really': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

runMain(async () => {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return say(HELP);
  const { text, reason } = judgeContext(await readContext());
  if (reason && !values['yes-really']) {
    process.stderr.write(`${reason}\n`);
    process.exitCode = 2;
    return;
  }
  say(`cluster: ${text}`);
  const names = overlaysIn(OVERLAYS_FOLDER).filter((name) => !values.overlay || name === values.overlay);
  const contents = names.map((name) => readContent(OVERLAYS_FOLDER, name));
  await bringDefinitions(contents, values.crds);
  const refusedCount = await tryAll(contents);
  if (refusedCount > 0) process.exitCode = 1;
  const notShown = await askArgoCd(values);
  for (const line of notShown) say(`NOT SHOWN: ${line}`);
});

async function bringDefinitions(contents: readonly Content[], folder?: string): Promise<void> {
  const groups = groupsToBring(contents.flatMap(({ placed }) => placed.map(({ object }) => object)));
  const files = await definitionFiles(groups, folder);
  for (const file of files) await mustDo(['apply', '--server-side', '--force-conflicts', '--filename', file]);
  const established = files.flatMap((file) => ['--filename', file]);
  if (files.length > 0)
    await mustDo(['wait', '--for=condition=Established', '--timeout=60s', ...established]);
  say(`${files.length} definitions of kinds are installed: ${groups.join(', ')}`);
}

/** How many were refused; one that should have been and was not counts too. */
async function tryAll(contents: readonly Content[]): Promise<number> {
  let refusedCount = 0;
  for (const content of contents) {
    const { refusals, appliedCount, triedCount, podCount } = await tryOverlay(content);
    for (const { what, reason } of refusals) say(`REFUSED ${what}: ${reason}`);
    say(
      `${content.overlay}: ${appliedCount} objects made, ${triedCount} and a pod of ${podCount} workloads tried, ${refusals.length} refused`,
    );
    refusedCount += refusals.length;
  }
  const judged = contents.find((content) => content.pods().some(({ isLasting }) => isLasting));
  for (const { what, answer } of judged ? controls(judged) : []) {
    const reason = reasonOf(await answer());
    say(reason ? `control: ${what} is refused: ${reason.slice(0, 200)}` : `REFUSED NOT: ${what} was taken`);
    if (!reason) refusedCount += 1;
  }
  return refusedCount;
}

/** What could not be shown. */
async function askArgoCd(values: Values): Promise<readonly string[]> {
  const url = values['git-url'];
  if (!url) return ['what ArgoCD makes of it: it was given no repository (--git-url)'];
  const { status } = await kubectl(['get', 'configmap', 'argocd-cm', '--namespace', 'argocd']);
  if (status !== 0) return ['what ArgoCD makes of it: there is none in the namespace argocd'];
  const isPretended = values['pretended-nodes'];
  const notShown = isPretended ? await takeAsHealthy() : [];
  await proveGitOps({
    url,
    pushTo: values['git-push'] ?? url,
    revision: 'test-cluster',
    isPretended,
    waitMsMax: Number(values.minutes) * 60_000,
    say,
  });
  return notShown;
}
