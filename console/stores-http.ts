// What each store holds now: `/api/stores/<name>` as JSON, `/stores/<name>` as a page that needs no script.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { within } from '#runtime/deadline.ts';
import { messageOf } from '#runtime/errors.ts';
import { type Problem, sendProblem } from './problem.ts';
import { storePage } from './store-page.ts';
import { BadQuery, type Store, type StoreQuery, type StoreTable, storeQuery } from './stores/store.ts';

/** Some clients retry for minutes; a person at a page does not wait so long. */
const READ_MS_MAX = 8_000;

type Read = { readonly table: StoreTable; readonly query: StoreQuery } | { readonly problem: Problem };

/** Both routes of every store. */
export function useStores(app: FastifyInstance, stores: readonly Store[]): void {
  for (const store of stores) {
    app.get(`/api/stores/${store.name}`, async (request, reply) => {
      const read = await readStore(store, request);
      if ('problem' in read) return sendProblem(reply, read.problem);
      return { store: store.name, title: store.title, ...read.table };
    });
    app.get(`/stores/${store.name}`, async (request, reply) => {
      const read = await readStore(store, request);
      const status = 'problem' in read ? read.problem.status : 200;
      return reply
        .code(status)
        .type('text/html; charset=utf-8')
        .send(storePage({ stores, store, ...read }));
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
    return { table: await within(READ_MS_MAX, store.read(query.data)), query: query.data };
  } catch (error) {
    if (error instanceof BadQuery) return { problem: badRequest(error.message) };
    request.log.info({ store: store.name, reason: messageOf(error) }, 'store cannot be read now');
    const detail = `${store.title} does not answer now, or nothing was written to it yet. Try again in a moment.`;
    return { problem: { status: 503, code: 'store-away', title: `${store.title} is away`, detail } };
  }
}
