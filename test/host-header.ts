// A request under a Host of one's own, as a page sends it whose name leads to this machine: `fetch` would not.
import { request } from 'node:http';

/** The answer of a server to a GET that names this host. */
export function askAs(
  host: string,
  url: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => void (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    sent.on('error', reject).end();
  });
}

/** Host headers that name another server than this one on this port. */
export const foreignHosts = (port: number | string): string[] => [
  'evil.example',
  `evil.example:${port}`,
  `127.0.0.1.evil.example:${port}`,
  `localhost.evil.example:${port}`,
  `localhost.:${port}`,
  `127.0.0.1:${Number(port) + 1}`,
  '127.0.0.1',
  `127.0.0.2:${port}`,
  `0.0.0.0:${port}`,
  `[::2]:${port}`,
  `127.0.0.1:${port}@evil.example`,
  `evil@127.0.0.1:${port}`,
  `127.0.0.1:${port}:80`,
];

/** Those that mean it. */
export const ownHosts = (port: number | string): string[] =>
  ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'].map((name) => `${name}:${port}`);
