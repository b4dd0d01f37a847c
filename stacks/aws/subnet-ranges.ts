// How the VPC's range is divided: three quarters for the private subnets, since every pod takes an address of theirs, and the
// last quarter for the public and the database ones.
import { subnet } from '../addresses.ts';

/** The ranges of one zone. */
export interface ZoneRanges {
  readonly zone: string;
  /** Load balancers and NAT gateways. */
  readonly public: string;
  /** Nodes, pods and functions. */
  readonly private: string;
  /** Brokers and databases. */
  readonly database: string;
}

const PUBLIC_FIRST = 24;
const DATABASE_FIRST = 28;

/**
 * Of a /16: private ones of 16,384 addresses, the others of 2,048; of a /20: 1,024 and 128. The 28th and the last of the 32 parts
 * stay free.
 */
export function subnetRanges(vpcRange: string, zones: readonly string[]): ZoneRanges[] {
  const length = Number(vpcRange.split('/')[1]);
  const part = (index: number) => subnet(vpcRange, length + 5, index);
  return zones.map((zone, at) => ({
    zone,
    private: subnet(vpcRange, length + 2, at),
    public: part(PUBLIC_FIRST + at),
    database: part(DATABASE_FIRST + at),
  }));
}
