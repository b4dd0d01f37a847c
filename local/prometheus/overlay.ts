// What a laptop's cluster would give its Prometheus, as rendered into Git: read as data, since no code of k8s/ is used here.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { AppError } from '#runtime/errors.ts';
import { rootFolder } from '../launcher/folders.ts';
import type { PrometheusConfig } from './laptop-config.ts';

const FOLDER = join(rootFolder, 'k8s/overlays/local/prometheus');

export interface OverlayFiles {
  readonly config: PrometheusConfig;
  /** Text by file name. */
  readonly rules: Readonly<Record<string, string>>;
}

/** @throws AppError `overlay-unusable` naming the file */
export async function readOverlay(folder = FOLDER): Promise<OverlayFiles> {
  const [config, rules] = await Promise.all([
    dataOf(join(folder, 'configmap-prometheus-config.yaml')),
    dataOf(join(folder, 'configmap-prometheus-rules.yaml')),
  ]);
  const text = Object.hasOwn(config, 'prometheus.yml') ? config['prometheus.yml'] : undefined;
  if (!text) throw new AppError('overlay-unusable', `${folder} has no prometheus.yml`);
  return { config: parse(text) as PrometheusConfig, rules };
}

async function dataOf(file: string): Promise<Record<string, string>> {
  try {
    const { data } = parse(await readFile(file, 'utf8')) as { data: object };
    return data as Record<string, string>;
  } catch (error) {
    throw new AppError('overlay-unusable', `${file} cannot be read: npm run manifests writes it`, {}, error);
  }
}
