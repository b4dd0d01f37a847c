// For a control: a process that this file is loaded into first loses its trace at every await, since OpenTelemetry keeps the first
// context manager, and this one knows no active context.
import { type ContextManager, context, ROOT_CONTEXT } from '@opentelemetry/api';

const forgetful: ContextManager = {
  active: () => ROOT_CONTEXT,
  with: (_context, work, self, ...parts) => work.call(self as never, ...parts),
  bind: (_context, target) => target,
  enable: () => forgetful,
  disable: () => forgetful,
};
context.setGlobalContextManager(forgetful);
