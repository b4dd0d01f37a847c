// What of the contract runs in the shop's namespace of an overlay.
import type { Process } from '#contracts/process.ts';
import { ON_EKS } from '#contracts/processes.ts';
import { SHOP } from '#contracts/shop-processes.ts';
import type { Overlay } from '../overlays.ts';

/** In the order of the contract. */
export const processesIn = ({ kind }: Pick<Overlay, 'kind'>): readonly Process[] =>
  kind === 'aws' ? ON_EKS : SHOP;
