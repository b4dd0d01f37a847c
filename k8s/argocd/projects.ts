// The ArgoCD projects: what an Application of each may take from where and put where.

/** `ground` has the namespaces and whatever concerns the whole cluster; the others have namespaces of their own. */
export type ProjectName = 'ground' | 'operators' | 'data' | 'shop' | 'observability' | 'load';
