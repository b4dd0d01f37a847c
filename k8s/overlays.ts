// The places that manifests are written for: a laptop's cluster, and each environment on AWS with the settings of its stacks.
import { readEnvironment } from '../stacks/environments/environments.ts';
import { overlayOf } from '../stacks/gitops/root.ts';
import { ENVIRONMENTS, type Settings } from '../stacks/settings.ts';

/**
 * Which engine counts images on a laptop: `node` or `flink`. Change it here, `npm run manifests`, commit and push: ArgoCD does the
 * rest, in both directions (docs/engines.md).
 */
const LOCAL_ENGINE: Engine = 'node';

export type Engine = 'node' | 'flink';

interface Place {
  /** Of its folder below `overlays/`. */
  readonly name: string;
  /** Where ArgoCD reads what is written. */
  readonly repository: { readonly url: string; readonly revision: string };
}

/** A laptop's cluster, such as kind: complete in itself, no cloud. */
export interface LocalOverlay extends Place {
  readonly kind: 'local';
  /** Counts images; the other one sleeps. */
  readonly analyticsEngine: Engine;
}

/** The cluster of an environment, made by its stacks. */
export interface AwsOverlay extends Place {
  readonly kind: 'aws';
  readonly settings: Settings;
}

export type Overlay = LocalOverlay | AwsOverlay;

/** All, `local` first. */
export function readOverlays(): readonly Overlay[] {
  const environments = ENVIRONMENTS.map((name): AwsOverlay => {
    const settings = readEnvironment(name);
    const { repositoryUrl: url, revision } = settings.gitops;
    return { kind: 'aws', name: overlayOf(settings), settings, repository: { url, revision } };
  });
  // A laptop reads the repository that the environments read.
  const { repository } = environments[0]!;
  return [{ kind: 'local', name: 'local', repository, analyticsEngine: LOCAL_ENGINE }, ...environments];
}
