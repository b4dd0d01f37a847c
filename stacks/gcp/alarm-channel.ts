// Where every alarm of Google's side goes: the same address as AWS's.
import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { labelsOf } from '../constructs/providers.ts';

export class AlarmChannel extends Construct {
  /** Full name: `projects/…/notificationChannels/…`. */
  readonly name: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.name = new MonitoringNotificationChannel(this, 'mail', {
      displayName: `Alarms of ${stack.prefix}`,
      type: 'email',
      labels: { email_address: stack.settings.edge.alarmAddress },
      userLabels: labelsOf(stack),
      // Policies that name it would keep it from going when the environment is taken down.
      forceDelete: !stack.settings.isProtected,
    }).name;
  }
}
