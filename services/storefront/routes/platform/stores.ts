// What each store holds now, a page at a time.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { StoreQuery, StoreTable } from '../../bff/console.ts';
import { notFound, Refused } from '../../bff/refused.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import { awayWords } from './away.ts';
import { CONSOLE_AWAY } from './live-parts.ts';
import { forLookers, type PlatformVisitor, platformFrame } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/stores`;
const params = z.object({ name: z.string().optional() });
/** What is no text is left out; whether a store knows the text is the store's to say. */
const text = z.string().min(1).max(500).optional().catch(undefined);
const query = z.object({ view: text, after: text });

export function useStores(app: FastifyInstance, site: Site): void {
  const show = (request: FastifyRequest, reply: FastifyReply, visitor: PlatformVisitor) =>
    showStore(site, request, reply, visitor);
  app.get(PATH, forLookers(site, show));
  app.get(`${PATH}/:name`, forLookers(site, show));
}

/** Without a name the first one. */
async function showStore(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: PlatformVisitor,
): Promise<FastifyReply> {
  const { name } = params.parse(request.params);
  const asked = query.parse(request.query);
  const [frame, stores] = await Promise.all([
    platformFrame(site, request, reply, visitor, 'stores'),
    visitor.console.stores().catch((error: unknown) => {
      if (awayWords(error) === undefined) throw error;
      return undefined;
    }),
  ]);
  if (!stores) {
    const props = { frame, stores: [], query: asked, fault: CONSOLE_AWAY.words };
    return sendPage(reply, site.pages.platformStore(props), 503);
  }
  const store = name === undefined ? stores[0] : stores.find((other) => other.name === name);
  if (!store) throw notFound();
  const { status, ...read } = await readStore(visitor, store.name, asked);
  return sendPage(reply, site.pages.platformStore({ frame, stores, store, query: asked, ...read }), status);
}

interface Read {
  readonly status: number;
  readonly table?: StoreTable;
  readonly fault?: string;
}

const readStore = ({ console }: PlatformVisitor, name: string, asked: StoreQuery): Promise<Read> =>
  console.store(name, asked).then(
    (table) => ({ status: 200, table }),
    (error: unknown) => {
      if (error instanceof Refused && error.status === 400) return { status: 400, fault: error.message };
      const fault = awayWords(error);
      if (fault === undefined) throw error;
      return { status: 503, fault };
    },
  );
