// Everything that is written into Git.
import { bootstrapFiles } from './argocd/bootstrap.ts';
import { type LocalOverlay, readOverlays } from './overlays.ts';
import { partsOf } from './parts.ts';
import { type Files, filesOf } from './write.ts';

/** By folder below this one: nothing else is in these folders. */
export function renderAll(): ReadonlyMap<string, Files> {
  const overlays = readOverlays();
  const local = overlays.find((overlay): overlay is LocalOverlay => overlay.kind === 'local')!;
  return new Map([
    ['overlays', new Map(overlays.flatMap((overlay) => [...filesOf(overlay.name, partsOf(overlay))]))],
    ['bootstrap', bootstrapFiles(local)],
  ]);
}
