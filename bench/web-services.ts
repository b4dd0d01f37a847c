// A worker thread of bench:web: the services behind a page, answering from memory what a real one has answered before, so that they
// cost the pages' server none of its thread. It serves each path of `workerData` and posts its address.
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const answers = new Map(Object.entries(workerData as Readonly<Record<string, string>>));

const server = createServer((request, response) => {
  const body = answers.get(request.url ?? '');
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(body ?? '{}');
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') parentPort!.postMessage(`http://127.0.0.1:${address.port}`);
});
