// Where alarms go, by a name that manifests can know: Alertmanager publishes there too.
import { namePrefix, type Settings } from '../settings.ts';

type Named = Pick<Settings, 'project' | 'environment' | 'aws'>;

export const alarmTopicName = (settings: Named): string => `${namePrefix(settings)}-alarms`;

export const alarmTopicArn = (settings: Named): string =>
  `arn:aws:sns:${settings.aws.region}:${settings.aws.accountId}:${alarmTopicName(settings)}`;
