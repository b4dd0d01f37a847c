// What an operator's container asks of its node. Not measured here: its authors' figures where they give some, for a cluster of a few
// dozen pods, and a limit of twice that. No limit of CPU, as with our own (shop/sizes.ts).

export interface ContainerResources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly memory: string };
}

export const resourcesOf = (cpu: string, memory: string, memoryLimit: string): ContainerResources => ({
  requests: { cpu, memory },
  limits: { memory: memoryLimit },
});
