// Where the stand-ins of a laptop's cluster answer.
import { NAMESPACES } from '../namespaces.ts';

const inCluster = (name: string): string => `${name}.${NAMESPACES.data}.svc.cluster.local`;

export const KAFKA_ADDRESS = `${inCluster('kafka')}:9092`;
/** Host and port: each service has a user of its own there. */
export const POSTGRES_ADDRESS = `${inCluster('postgres')}:5432`;
export const S3_URL = `http://${inCluster('s3')}:4566`;
export const GCS_URL = `http://${inCluster('gcs')}:4443`;
/** As `FIRESTORE_EMULATOR_HOST` wants it. */
export const FIRESTORE_ADDRESS = `${inCluster('firestore')}:8080`;
