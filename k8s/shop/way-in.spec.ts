// By which paths strangers come in, and by which they do not: the rules of the Ingress against the routes that the services have.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App } from 'cdk8s';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1';
import { SERVICES } from '#contracts/shop-processes.ts';
import { DRAIN_SECONDS_MAX, GRACE_SECONDS, PRE_STOP_SECONDS } from '#contracts/shutdown.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { type Overlay, readOverlays } from '../overlays.ts';
import { Part } from '../part.ts';
import { type ApiDocument, isBelow, pathsOf, prefixesOf, readApi } from './routes.ts';
import { addWayIn } from './way-in.ts';

const OVERLAYS = readOverlays();
const prod = OVERLAYS.find(({ name }) => name === 'aws-prod')!;

function ingressOf(overlay: Overlay): IIngress {
  const part = new Part(new App(), 'way-in', {
    overlay,
    project: 'shop',
    wave: 'services',
    namespace: 'shop',
  });
  addWayIn(part);
  return (part.toJson() as IIngress[])[0]!;
}

const isOfServices = (host: string | undefined): boolean => host?.startsWith('api.') ?? false;

/** What a path of a host leads to, by rules that are all prefixes. */
const behind = ({ spec }: IIngress, wanted: (host: string | undefined) => boolean, path: string): string[] =>
  (spec?.rules ?? [])
    .filter(({ host }) => wanted(host))
    .flatMap(({ http }) =>
      (http?.paths ?? []).flatMap((rule) => {
        expect(rule.pathType).toBe('Prefix');
        return isBelow(path, rule.path!) ? [rule.backend.service!.name] : [];
      }),
    );

/** The services that a path leads to at their own host. */
const ledTo = (ingress: IIngress, path: string): string[] => behind(ingress, isOfServices, path);

/** A path as a client may ask for it, with a value for each part in braces. */
const asked = (template: string): string => template.replaceAll(/\{\w+\}/g, 'a1%2Fb');

const documents = SERVICES.map((service) => [service.name, pathsOf(readApi(service))] as const);
const open = documents.flatMap(([name, paths]) => paths.open.map((path) => [path, name] as const));
const inner = documents.flatMap(([, paths]) => paths.inner);
/** Not in the documents, since they are for operators, for the platform, or for a laptop alone. */
const UNWRITTEN = ['/', '/livez', '/readyz', '/metrics', '/openapi.json', '/mailbox', '/mailbox/1/html'];

describe.each(OVERLAYS.map((overlay) => [overlay.name, overlay] as const))('in %s', (_name, overlay) => {
  const ingress = ingressOf(overlay);

  it.each(open)('%s leads to %s and to no other service', (path, service) => {
    expect(ledTo(ingress, asked(path))).toEqual([service]);
  });

  it.each(['/', '/products', '/cart', '/account/sign-in', '/assets/shop.css', '/internal'])(
    'of every other host %s leads to the pages alone',
    (path) => {
      expect(behind(ingress, (host) => !isOfServices(host), path)).toEqual(['storefront']);
    },
  );

  it('what services ask of each other leads nowhere', () => {
    expect(inner.length).toBeGreaterThan(1);
    expect(inner.filter((path) => ledTo(ingress, asked(path)).length > 0)).toEqual([]);
  });

  it.each(UNWRITTEN)('%s leads nowhere', (path) => {
    expect(ledTo(ingress, path)).toEqual([]);
  });

  it.each(['/internal', '/usersx', '/Users', '/admin', '/webhooks', '/.well-known/other', '//users'])(
    '%s leads nowhere either',
    (path) => {
      expect(ledTo(ingress, path)).toEqual([]);
    },
  );
});

describe('a path that climbs', () => {
  const log = createLogger('sample', 'silent');
  const app = createHttp({ log, registry: createRegistry('sample') });
  app.get('/internal/:id', () => 'for services alone');
  let port: number;
  beforeAll(async () => {
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  });
  afterAll(() => app.close());

  const statusOf = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      // Unlike fetch it sends a path as it is.
      get({ host: '127.0.0.1', port, path }, (answer) => resolve(answer.resume().statusCode)).on(
        'error',
        reject,
      );
    });

  it.each(['/users/../internal/1', '/users/%2e%2e/internal/1', '/users/..%2finternal/1', '//internal/1'])(
    '%s is no other path to a service',
    async (path) => {
      expect(await statusOf('/internal/1')).toBe(200);
      expect(await statusOf(path)).toBe(404);
    },
  );
});

it('the routes that are not written down are those of the runtime and of the mailbox', () => {
  const source = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  const routes = [...source('runtime/http/server.ts').matchAll(/app\.get\('([^']+)'/g)].map(
    ([, path]) => path!,
  );
  routes.push(
    ...[...source('runtime/http/api.ts').matchAll(/app\.get\('([^']+)'/g)].map(([, path]) => path!),
  );
  routes.push(
    ...[...source('services/notification/mailbox/http.ts').matchAll(/url: '([^']+)'/g)].map(
      ([, path]) => path!,
    ),
  );
  expect(routes.length).toBeGreaterThanOrEqual(6);
  const ingress = ingressOf(prod);
  expect(routes.filter((path) => ledTo(ingress, path).length > 0)).toEqual([]);
});

describe('the prefixes of a service', () => {
  const api = (paths: Record<string, 'user' | 'service' | 'nobody'>): ApiDocument => ({
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, who]) => [
        path,
        { get: { security: who === 'nobody' ? [] : [{ [who]: [] }] } },
      ]),
    ),
  });

  it('are as long as all that is below them is its own', () => {
    expect(
      prefixesOf(
        api({ '/a': 'user', '/a/{id}': 'user', '/b/c/{id}': 'nobody', '/b/d': 'nobody', '/ab': 'user' }),
      ),
    ).toEqual(['/a', '/ab', '/b/c', '/b/d']);
  });

  it('are refused when one leads to a path for services too', () => {
    expect(() => prefixesOf(api({ '/a/{id}': 'user', '/a/{id}/secret': 'service' }))).toThrow(
      '/a/{id}/secret: for services alone',
    );
  });

  it('count a path as one for services as soon as one of its methods is', () => {
    const document: ApiDocument = {
      paths: { '/a': { get: { security: [] }, post: { security: [{ service: [] }] } } },
    };
    expect(pathsOf(document)).toEqual({ open: [], inner: ['/a'] });
  });

  it('end at whole segments', () => {
    expect(isBelow('/orders', '/orders')).toBe(true);
    expect(isBelow('/orders/1', '/orders')).toBe(true);
    expect(isBelow('/orders-all', '/orders')).toBe(false);
  });
});

describe('the load balancer', () => {
  const { metadata, spec } = ingressOf(prod);
  const annotation = (name: string) => metadata!.annotations![`alb.ingress.kubernetes.io/${name}`]!;
  const attributes = (name: string) =>
    new Map(
      annotation(name)
        .split(',')
        .map((pair) => pair.split('=') as [string, string]),
    );

  it('has two names, by which its certificates and its records are found', () => {
    expect(spec).toMatchObject({
      ingressClassName: 'alb',
      tls: [{ hosts: ['shop.example.com', 'api.shop.example.com'] }],
      rules: [{ host: 'api.shop.example.com' }, { host: 'shop.example.com' }],
    });
    expect(Object.keys(metadata!.annotations!).filter((name) => name.endsWith('arn'))).toEqual([]);
  });

  it('speaks TLS 1.2 and 1.3 only, and redirects requests without TLS', () => {
    expect(JSON.parse(annotation('listen-ports'))).toEqual([{ HTTP: 80 }, { HTTPS: 443 }]);
    expect(annotation('ssl-redirect')).toBe('443');
    expect(annotation('ssl-policy')).toMatch(/^ELBSecurityPolicy-TLS13-1-2-/);
  });

  it('is behind the firewall, logs requests, and cannot be deleted by mistake', () => {
    expect(annotation('wafv2-acl-name')).toBe('shop-prod-shop');
    const set = attributes('load-balancer-attributes');
    expect(Object.fromEntries(set)).toMatchObject({
      'access_logs.s3.bucket': 'shop-prod-777788889999-access-logs',
      'access_logs.s3.prefix': 'load-balancer',
      'deletion_protection.enabled': 'true',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'waf.fail_open.enabled': 'false',
    });
    // 32 at most (Elastic Load Balancing, CreateLoadBalancer).
    expect(annotation('load-balancer-name').length).toBeLessThanOrEqual(32);
  });

  it('asks pods whether they are ready, and lets requests in progress end before they are gone', () => {
    expect(annotation('target-type')).toBe('ip');
    expect(annotation('healthcheck-path')).toBe('/readyz');
    const delay = Number(attributes('target-group-attributes').get('deregistration_delay.timeout_seconds'));
    expect(delay).toBe(DRAIN_SECONDS_MAX);
    expect(delay).toBeLessThanOrEqual(GRACE_SECONDS - PRE_STOP_SECONDS);
  });

  it('gives up an idle connection before the services do', () => {
    // Fastify's default, which runtime/http/server.ts leaves as it is.
    const fastifyKeepAliveS = 72;
    expect(readFileSync(join(import.meta.dirname, '../../runtime/http/server.ts'), 'utf8')).not.toContain(
      'keepAliveTimeout',
    );
    const idle = Number(attributes('load-balancer-attributes').get('idle_timeout.timeout_seconds'));
    expect(idle).toBeLessThan(fastifyKeepAliveS);
  });

  it('may be deleted where the environment is not protected', () => {
    const dev = OVERLAYS.find(({ name }) => name === 'aws-dev')!;
    expect(
      ingressOf(dev).metadata!.annotations!['alb.ingress.kubernetes.io/load-balancer-attributes'],
    ).toContain('deletion_protection.enabled=false');
  });
});

it('a laptop takes any name for the pages, and whichever Ingress class is its default', () => {
  const { metadata, spec } = ingressOf(OVERLAYS[0]!);
  expect(metadata!.annotations).toBeUndefined();
  expect(spec!.ingressClassName).toBeUndefined();
  expect(spec!.rules!.map(({ host }) => host)).toEqual(['api.shop.localhost', undefined]);
});
