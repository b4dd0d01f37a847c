// The access rule of a route and a caller in, a verdict out. Pure; `test/authorisation.ts` holds every route against it.
import type { Access, Caller } from './route.ts';

/** `sign-in`: the caller is unknown, so 401; `refused`: the caller is known and may not, so 403. */
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

/** The caller's name in keys of limits and stored answers; for an unknown caller the address is added. */
export function callerKey(caller: Caller): string {
  if (caller.kind === 'user') return `user:${caller.userId}`;
  return caller.kind === 'service' ? `service:${caller.name}` : 'anonymous';
}
