// Alarms when a tunnel to Google Cloud is down. Three more still work, so without an alarm nobody would notice and repair the first.
import { Construct } from 'constructs';
import { Alarm } from '../constructs/alarm.ts';

export interface TunnelAlarmsProps {
  readonly topicArn: string;
  /** `vpn-…`, each with two tunnels. */
  readonly connectionIds: readonly string[];
}

export class TunnelAlarms extends Construct {
  constructor(scope: Construct, id: string, { topicArn, connectionIds }: TunnelAlarmsProps) {
    super(scope, id);
    connectionIds.forEach((connectionId, index) => {
      new Alarm(this, `connection-${index}`, {
        name: `vpn-${index}-tunnel-down`,
        says: `A tunnel of VPN connection ${index} to Google Cloud has been down for a quarter of an hour: see the tunnels’ log`,
        topicArn,
        // 1 with both tunnels up, 0.5 with one (AWS, "Monitor AWS Site-to-Site VPN tunnels using Amazon CloudWatch").
        metric: {
          namespace: 'AWS/VPN',
          metricName: 'TunnelState',
          statistic: 'Minimum',
          dimensions: { VpnId: connectionId },
        },
        isBreached: { below: 1 },
        periods: 3,
        silenceIs: 'wrong',
      });
    });
  }
}
