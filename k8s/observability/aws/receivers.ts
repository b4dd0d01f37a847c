// Where Alertmanager sends alerts on AWS: the topic that CloudWatch's alarms go to, which writes to `edge.alarmAddress`.
import { alarmTopicArn } from '../../../stacks/edge/alarm-topic-name.ts';
import type { AwsOverlay } from '../../overlays.ts';
import { NOBODY, ROUTING } from '../alertmanager.ts';
import { watchdog } from '../alerts/watchdog.ts';

const PEOPLE = 'people';

/** The topic refuses subjects of more than 100 characters or with line breaks (Amazon SNS API, "Publish"). */
const SUBJECT =
  '{{ .Status | toUpper }} {{ .CommonLabels.severity }}: {{ .GroupLabels.alertname }} {{ .GroupLabels.process }}';
const MESSAGE = `{{ range .Alerts }}{{ .Status }}: {{ .Annotations.summary }}
{{ .Annotations.description }}
{{ .Annotations.runbook_url }}
since {{ .StartsAt }}

{{ end }}`;

export const receivers = ({ settings }: AwsOverlay) => ({
  route: {
    receiver: PEOPLE,
    ...ROUTING,
    // It always fires, to show that alerts get through at all: it sends no mail.
    routes: [{ receiver: NOBODY, matchers: [`alertname="${watchdog.name}"`] }],
  },
  receivers: [
    { name: NOBODY },
    {
      name: PEOPLE,
      sns_configs: [
        {
          topic_arn: alarmTopicArn(settings),
          // Signed as the role of its account, which the SDK finds by itself.
          sigv4: { region: settings.aws.region },
          subject: SUBJECT,
          message: MESSAGE,
          send_resolved: true,
        },
      ],
    },
  ],
});
