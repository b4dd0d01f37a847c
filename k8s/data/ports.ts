/** Of the stand-ins that are ours: `/livez`, `/readyz` and `/metrics`. */
export const OPS_PORT = 4100;

/** Of Flink, by Flink's own defaults where it has some. */
export const FLINK_PORTS = {
  /** Page and REST interface. */
  rest: 8081,
  gateway: 8083,
  /** Of the JobManager's actors, from where TaskManagers find it, and of the files that it gives them. */
  jobManagerRpc: 6123,
  blob: 6124,
  /** Of the TaskManager's actors, and of what tasks send each other. */
  taskManagerRpc: 6122,
  data: 6121,
  /** By which the JobManager's page shows the metrics of tasks. */
  metricQueries: 6125,
  metrics: 9249,
} as const;
