// What each store holds now: `/api/stores` names them, `/api/stores/<name>` has one, a page at a time.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { within } from '#runtime/deadline.ts';
import { messageOf } from '#runtime/errors.ts';
import { type Problem, sendProblem } from './problem.ts';
import { BadQuery, type Store, type StoreTable, storeQuery } from './stores/store.ts';

/** Some clients retry for minutes; a person at a page does not wait so long. */
const READ_MS_MAX = 8_000;

type Read = { readonly table: StoreTable } | { readonly problem: Problem };

export function useStores(app: FastifyInstance, stores: readonly Store[]): void {
  app.get('/api/stores', () => ({ stores: stores.map(({ name, title }) => ({ name, title })) }));
  for (const store of stores) {
    app.get(`/api/stores/${store.name}`, async (request, reply) => {
      const read = await readStore(store, request);
      if ('problem' in read) return sendProblem(reply, read.problem);
      return { store: store.name, title: store.title, ...read.table };
    });
  }
}

const FORMS: ReadonlyMap<string, string> = new Map([
  ['limit', 'limit must be a whole number from 1 to 200.'],
  ['view', 'view must be one name of at most 100 characters.'],
  ['after', 'after must be one text of at most 500 characters: the next of a page before.'],
]);

const badRequest = (detail: string): Problem => ({
  status: 400,
  code: 'bad-request',
  title: 'Not a page',
  detail,
});

async function readStore(store: Store, request: FastifyRequest): Promise<Read> {
  const query = storeQuery.safeParse(request.query);
  if (!query.success) {
    const fields = new Set(query.error.issues.map(({ path }) => String(path[0])));
    return {
      problem: badRequest([...fields].map((field) => FORMS.get(field) ?? `${field} is not known.`).join(' ')),
    };
  }
  try {
    return { table: await within(READ_MS_MAX, store.read(query.data)) };
  } catch (error) {
    if (error instanceof BadQuery) return { problem: badRequest(error.message) };
    request.log.info({ store: store.name, reason: messageOf(error) }, 'store cannot be read now');
    const detail = `${store.title} does not answer now, or nothing was written to it yet. Try again in a moment.`;
    return { problem: { status: 503, code: 'store-away', title: `${store.title} is away`, detail } };
  }
}
