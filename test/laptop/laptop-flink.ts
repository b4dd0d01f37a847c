// The Flink of a laptop's cluster on this machine: each container's command and files as the manifests have them, as plain JVMs, with the
// addresses, ports and folders of the cluster led to this machine.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLINK_HOST } from '../../k8s/data/addresses.ts';
import { FLINK_PORTS } from '../../k8s/data/ports.ts';
import { FLINK_JARS } from '../../local/jars/jar-sets.ts';
import { bringJars, jarsPlan } from '../../local/jars/jars.ts';
import { javaProgram } from '../../local/java/java.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { containerNamed, laptopObjects } from './programs.ts';

const CONTAINERS = ['flink-jobmanager', 'sql-gateway', 'flink-taskmanager'] as const;
type Container = (typeof CONTAINERS)[number];
/** Two pods have these in the cluster. */
const OF_EACH_POD = ['metrics', 'metricQueries'] as const;
const READY_MS_MAX = 60_000;

export class LaptopFlink {
  /** What is another text here, in manifests. */
  readonly texts: Readonly<Record<string, string>>;
  private readonly folder: string;
  private readonly ports: ReadonlyMap<string, number>;
  private readonly running = new Map<Container, ChildProcess>();

  private constructor(folder: string, ports: ReadonlyMap<string, number>) {
    this.folder = folder;
    this.ports = ports;
    this.texts = {
      [FLINK_HOST]: '127.0.0.1',
      [String(FLINK_PORTS.rest)]: String(ports.get('rest')),
      [String(FLINK_PORTS.gateway)]: String(ports.get('gateway')),
      '/var/lib/flink': join(folder, 'state'),
    };
  }

  /** In a new folder; starts nothing yet. */
  static async in(folder: string): Promise<LaptopFlink> {
    const ports = new Map<string, number>();
    for (const name of Object.keys(FLINK_PORTS)) ports.set(name, await freePort());
    return new LaptopFlink(folder, ports);
  }

  /** Until each answers as its probe asks, and the JobManager knows the TaskManager. */
  async start(names: readonly Container[] = CONTAINERS): Promise<void> {
    for (const name of names) this.running.set(name, await this.launch(name));
    for (const name of names) await this.ready(name);
  }

  async kill(name: Container, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.running.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    for (const name of CONTAINERS) await this.kill(name);
  }

  private async launch(name: Container): Promise<ChildProcess> {
    const jars = await bringJars(() => {}, jarsPlan(FLINK_JARS));
    const conf = await this.writeSettings(name);
    const { command = [], env = [] } = containerNamed(name);
    const here = command.map((text) =>
      this.led(text).replace('/opt/flink/jars', jars).replace('/etc/shop-flink', conf),
    );
    const [java, ...args] = here;
    if (java !== '/opt/java/openjdk/bin/java') throw new Error(`${name} runs ${java}`);
    const variables = env.map(({ name: variable, value = '' }) => [
      variable,
      value.replace('/etc/shop-flink', conf),
    ]);
    // The slow compiler is for hours of work, and here a TaskManager lives for one minute.
    const own = [`-Djava.io.tmpdir=${join(this.folder, 'tmp')}`, '-XX:TieredStopAtLevel=1'];
    return spawn(await javaProgram(), [...own, ...args], {
      env: Object.fromEntries(variables) as Record<string, string>,
      cwd: this.folder,
      stdio: 'ignore',
    });
  }

  /** The config map, for one pod: two of them on one machine cannot have the same ports. */
  private async writeSettings(name: Container): Promise<string> {
    const own = new Map<string, string>();
    for (const port of OF_EACH_POD)
      own.set(String(FLINK_PORTS[port]), name === 'flink-taskmanager' ? String(await freePort()) : '0');
    const { data = {} } = laptopObjects().find(({ metadata }) => metadata.name === 'flink-settings')!;
    const conf = join(this.folder, 'conf', name);
    await mkdir(conf, { recursive: true });
    await mkdir(join(this.folder, 'tmp'), { recursive: true });
    for (const [file, text] of Object.entries(data)) {
      const moved = this.led(text.replaceAll(/(?<=port: )\d+/g, (port) => own.get(port) ?? port));
      await writeFile(join(conf, file), moved.replace('"/tmp"', `"${join(this.folder, 'tmp')}"`));
    }
    return conf;
  }

  private led(text: string): string {
    const named = Object.entries(this.texts).reduce(
      (all, [before, after]) => all.replaceAll(before, after),
      text,
    );
    return [...this.ports]
      .filter(([name]) => name !== 'rest' && name !== 'gateway')
      .reduce(
        (all, [name, port]) =>
          all.replaceAll(String(Object.entries(FLINK_PORTS).find(([one]) => one === name)![1]), String(port)),
        named,
      )
      .replaceAll('0.0.0.0', '127.0.0.1');
  }

  /** The TaskManager is seen by the JobManager. */
  private async ready(name: Container): Promise<void> {
    const path = containerNamed(name).readinessProbe?.httpGet?.path ?? '/overview';
    const port = this.ports.get(name === 'sql-gateway' ? 'gateway' : 'rest');
    const wanted = name === 'flink-taskmanager' ? '"taskmanagers":1' : '';
    const deadline = performance.now() + READY_MS_MAX;
    for (;;) {
      const text = await fetch(`http://127.0.0.1:${port}${path}`).then(
        async (answer) => (answer.ok ? answer.text() : ''),
        () => '',
      );
      if (text.length > 0 && text.includes(wanted)) return;
      const { exitCode } = this.running.get(name)!;
      if (exitCode !== null || performance.now() > deadline)
        throw new Error(`${name} is not ready, exit code ${exitCode}: ${text}`);
      await sleep(100);
    }
  }
}
