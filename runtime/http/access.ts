// The access rule of a route and a caller in, a verdict out. Pure; `test/authorisation.ts` holds every route against it.
import type { Access, Caller } from './route.ts';

/** `sign-in`: nobody is known, so 401; `refused`: somebody is known who may not, so 403. */
export type Verdict = 'passes' | 'sign-in' | 'refused';

export function judge(access: Access, caller: Caller): Verdict {
  if (access === 'anyone') return 'passes';
  if (caller.kind === 'anonymous') return 'sign-in';
  return mayPass(access, caller) ? 'passes' : 'refused';
}

function mayPass(access: Exclude<Access, 'anyone'>, caller: Exclude<Caller, { kind: 'anonymous' }>): boolean {
  if (typeof access === 'object') return caller.kind === 'service' && access.service.includes(caller.name);
  if (caller.kind !== 'user') return false;
  return access === 'admin' ? caller.role === 'admin' : true;
}

/** How a caller is named in keys of limits and stored answers; addresses are added where it is nobody. */
export function callerKey(caller: Caller): string {
  if (caller.kind === 'user') return `user:${caller.userId}`;
  return caller.kind === 'service' ? `service:${caller.name}` : 'anonymous';
}
