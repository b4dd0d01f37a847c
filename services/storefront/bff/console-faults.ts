// Faults on a switch, as the console tells of them and lets an admin start them.
import { z } from 'zod';
import { ask, type Visit } from './services.ts';

const fault = z.object({
  name: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string(),
  about: z.string(),
  seconds: z.number().positive(),
  /** `failed`: the last one could not be done or repaired, or records differ after it. */
  phase: z.enum(['ready', 'broken', 'repairing', 'comparing', 'failed']),
  startedAt: z.iso.datetime().optional(),
  /** When its time is over, or was. */
  overAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  steps: z.array(z.object({ at: z.iso.datetime(), words: z.string() })),
});
export type Fault = z.infer<typeof fault>;

const faultsAnswer = z.object({ faults: z.array(fault) });

export const faultCalls = (api: string, visit: Visit) => ({
  faults: async (): Promise<readonly Fault[]> => (await ask(`${api}/faults`, faultsAnswer, visit)).faults,
  /** @throws Refused 409 while another is not repaired, 403 for anybody but an admin, 404 for another name */
  startFault: (accessToken: string, name: string) =>
    ask(`${api}/faults/${encodeURIComponent(name)}`, fault, visit, { method: 'POST', accessToken }),
});
