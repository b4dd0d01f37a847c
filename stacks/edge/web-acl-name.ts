// What the firewall of the shop is called: the load balancer controller finds it by its name, since Git cannot know its ARN.
import { namePrefix, type Settings } from '../settings.ts';

export const webAclName = (settings: Pick<Settings, 'project' | 'environment'>): string =>
  `${namePrefix(settings)}-shop`;
