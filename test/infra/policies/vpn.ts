// The tunnels between the clouds: nothing weak at either end.
import type { Model } from '../model.ts';
import { attributeRule, first, isSubset, type Rule } from './rule.ts';

const VPN = 'aws_vpn_connection';
/** 22 to 24 are greater than 14 by number only: their subgroups are small (RFC 8247 §2.4). */
const DH_GROUPS: ReadonlySet<unknown> = new Set([14, 15, 16, 17, 18, 19, 20, 21]);
/** Algorithms that AWS offers and that count as strong (RFC 8247 §2; BSI TR-02102-3). */
const TUNNEL_OPTIONS: readonly [option: string, wanted: ReadonlySet<unknown>][] = [
  ['ike_versions', new Set(['ikev2'])],
  ...[1, 2].flatMap((phase): [string, ReadonlySet<unknown>][] => [
    [`phase${phase}_encryption_algorithms`, new Set(['AES256', 'AES256-GCM-16'])],
    [`phase${phase}_integrity_algorithms`, new Set(['SHA2-256', 'SHA2-384', 'SHA2-512'])],
    [`phase${phase}_dh_group_numbers`, DH_GROUPS],
  ]),
];
export const vpn: readonly Rule[] = [
  {
    id: 'SHOP_VPN_1',
    title: 'is encrypted by nothing weak, in both tunnels',
    types: [VPN],
    check({ body }) {
      const weak = ['tunnel1', 'tunnel2'].flatMap((tunnel) =>
        TUNNEL_OPTIONS.map(([option, wanted]) => ({ path: `${tunnel}_${option}`, wanted })).filter(
          ({ path, wanted }) => !isSubset(body, path, wanted),
        ),
      );
      return weak.length > 0 ? weak.map(({ path }) => path).join(', ') : undefined;
    },
    // Each argument that is left out: AWS then offers the weak ones as well.
    breaks: ['tunnel1', 'tunnel2'].flatMap((tunnel) =>
      TUNNEL_OPTIONS.map(([option]) => (model: Model) => {
        delete first(model, VPN).body[`${tunnel}_${option}`];
      }),
    ),
  },
  attributeRule({
    id: 'SHOP_VPN_2',
    title: 'speaks IKEv2',
    type: 'google_compute_vpn_tunnel',
    path: 'ike_version',
    wanted: 2,
    bad: 1,
  }),
];
