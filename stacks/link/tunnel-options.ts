// How a tunnel is encrypted: nothing that either cloud calls weak. Both ends support these (AWS, "Tunnel options for your
// Site-to-Site VPN connection"; Google Cloud, "Supported IKE ciphers").
import type { VpnConnectionConfig } from '@cdktf/provider-aws/lib/vpn-connection/index.js';

const ENCRYPTION = ['AES256-GCM-16', 'AES256'];
const INTEGRITY = ['SHA2-256', 'SHA2-384', 'SHA2-512'];
/** 16 is a 4096-bit group, 19 to 21 are elliptic curves of 256 to 521 bits (IANA, IKEv2 transform type 4). */
const DH_GROUPS = [16, 19, 20, 21];

/** Settings of one of a connection's two tunnels. AWS makes the pre-shared key: no person has to choose or copy it. */
export function tunnelOptions(
  tunnel: 1 | 2,
  insideRange: string,
  logGroupArn: string,
): Pick<VpnConnectionConfig, `tunnel${1 | 2}${string}` & keyof VpnConnectionConfig> {
  const options = {
    InsideCidr: insideRange,
    IkeVersions: ['ikev2'],
    Phase1EncryptionAlgorithms: ENCRYPTION,
    Phase1IntegrityAlgorithms: INTEGRITY,
    Phase1DhGroupNumbers: DH_GROUPS,
    Phase2EncryptionAlgorithms: ENCRYPTION,
    Phase2IntegrityAlgorithms: INTEGRITY,
    Phase2DhGroupNumbers: DH_GROUPS,
    // Google begins; AWS begins again when it gets no more packets.
    DpdTimeoutAction: 'restart',
    LogOptions: {
      cloudwatchLogOptions: {
        logEnabled: true,
        logGroupArn,
        logOutputFormat: 'json',
        bgpLogEnabled: true,
        bgpLogGroupArn: logGroupArn,
        bgpLogOutputFormat: 'json',
      },
    },
  };
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`tunnel${tunnel}${name}`, value]),
  );
}
