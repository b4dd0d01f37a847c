// One service of the shop as the cluster runs it.
import { Construct } from 'constructs';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { Process } from '#contracts/process.ts';
import { GRACE_SECONDS, PRE_STOP_SECONDS } from '#contracts/shutdown.ts';
import { imageOf } from '../images.ts';
import { addObject, partOf } from '../part.ts';

export interface ServiceWorkloadProps {
  readonly service: Process;
}

export class ServiceWorkload extends Construct {
  constructor(scope: Construct, id: string, { service }: ServiceWorkloadProps) {
    super(scope, id);
    const { name } = service;
    const { overlay } = partOf(this).props;
    const labels = { 'app.kubernetes.io/name': name };
    addObject(this, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: GRACE_SECONDS,
            containers: [
              {
                name,
                image: imageOf(overlay, name),
                lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SECONDS } } },
              },
            ],
          },
        },
      },
    } satisfies IDeployment);
  }
}
