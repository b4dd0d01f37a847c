// The whole platform of one environment: every stack, and what each hands to the next. AWS and Google Cloud know nothing of
// each other: `link` joins them.
import type { App } from 'cdktf';
import { AnalyticsStack } from './analytics/stack.ts';
import type { Artifacts } from './artifacts.ts';
import { AwsStack } from './aws/stack.ts';
import { BootstrapStack } from './bootstrap/stack.ts';
import { EdgeStack } from './edge/stack.ts';
import { GcpStack } from './gcp/stack.ts';
import { GitopsStack } from './gitops/stack.ts';
import { LinkStack } from './link/stack.ts';
import type { Settings } from './settings.ts';

/** In the order of deployment. */
export const STACKS = ['bootstrap', 'edge', 'aws', 'gcp', 'link', 'analytics', 'gitops'] as const;
export type StackName = (typeof STACKS)[number];

/** Builds all stacks into the app; `onStack` is called as each is ready. */
export function buildPlatform(
  app: App,
  settings: Settings,
  artifacts: Artifacts,
  onStack: (name: StackName) => void = () => {},
): void {
  new BootstrapStack(app, 'bootstrap', settings);
  onStack('bootstrap');
  const edge = new EdgeStack(app, 'edge', settings);
  onStack('edge');
  const aws = new AwsStack(app, 'aws', settings, artifacts, { edge });
  onStack('aws');
  const gcp = new GcpStack(app, 'gcp', settings);
  onStack('gcp');
  const link = new LinkStack(app, 'link', settings, { aws, gcp, edge });
  onStack('link');
  new AnalyticsStack(app, 'analytics', settings, artifacts, { aws, gcp, link });
  onStack('analytics');
  new GitopsStack(app, 'gitops', settings, { aws, edge, gcp, link });
  onStack('gitops');
}
