import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Address4 } from 'ip-address';
import { overlaps, subnet } from '../addresses.ts';
import { subnetRanges } from './subnet-ranges.ts';

const ZONES = ['a', 'b', 'c'];
const all = (vpcRange: string) =>
  subnetRanges(vpcRange, ZONES).flatMap((ranges) => [ranges.public, ranges.private, ranges.database]);
/** AWS keeps five addresses of each subnet (AWS, "Subnet sizing"). */
const usable = (range: string) => 2 ** (32 - Number(range.split('/')[1])) - 5;

/** Every range that the settings take: a part of 10.0.0.0/8 from /16 to /20. */
const vpcRanges = fc
  .integer({ min: 16, max: 20 })
  .chain((length) =>
    fc.integer({ min: 0, max: 2 ** (length - 8) - 1 }).map((index) => subnet('10.0.0.0/8', length, index)),
  );

describe('subnetRanges', () => {
  it('gives each zone its own ranges, all inside the VPC', () => {
    fc.assert(
      fc.property(vpcRanges, (vpcRange) => {
        const ranges = all(vpcRange);
        const vpc = new Address4(vpcRange);
        expect(ranges.filter((range) => !new Address4(range).isInSubnet(vpc))).toEqual([]);
        const pairs = ranges.flatMap((one, at) => ranges.slice(0, at).map((other) => [one, other] as const));
        expect(pairs.filter(([one, other]) => overlaps(one, other))).toEqual([]);
      }),
    );
  });

  it('gives most addresses to pods, and enough to load balancers even in the smallest VPC', () => {
    const [first] = subnetRanges('10.20.0.0/20', ZONES);
    expect(usable(first!.private)).toBeGreaterThan(1_000);
    expect(usable(first!.public)).toBeGreaterThan(100);
    expect(usable(first!.database)).toBeGreaterThan(100);
  });

  it('names ranges that a reviewer can check by eye', () => {
    expect(subnetRanges('10.10.0.0/16', ['eu-central-1a', 'eu-central-1b'])).toEqual([
      {
        zone: 'eu-central-1a',
        private: '10.10.0.0/18',
        public: '10.10.192.0/21',
        database: '10.10.224.0/21',
      },
      {
        zone: 'eu-central-1b',
        private: '10.10.64.0/18',
        public: '10.10.200.0/21',
        database: '10.10.232.0/21',
      },
    ]);
  });
});
