// The one way in from outside: a host for the pages, and one for the services, with a path for each. They are two because pages and
// services have paths in common, such as `/products`. On AWS the load balancer controller makes a load balancer from it, and ExternalDNS
// the records of its names; a laptop's cluster uses any Ingress controller that it has.
import type { Construct } from 'constructs';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1';
import type { Process } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { SHOP, storefront } from '#contracts/shop-processes.ts';
import { DRAIN_SECONDS_MAX } from '#contracts/shutdown.ts';
import { ACCESS_LOG_PREFIX, accessLogBucketName } from '../../stacks/constructs/access-log-names.ts';
import { webAclName } from '../../stacks/edge/web-acl-name.ts';
import { apiHostName } from '../../stacks/host-names.ts';
import { namePrefix, type Settings } from '../../stacks/settings.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, partOf } from '../part.ts';
import { LOCAL_API_HOST } from './local-settings.ts';
import { prefixesOf, readApi } from './routes.ts';

/** Of the class that the controller's chart makes. */
const AWS_CLASS = 'alb';
/**
 * Shorter than the services hold an idle connection open (Fastify: 72 s), else a request meets one that just closed; longer than the stream
 * of an order is silent (services/storefront/routes/order-stream.ts), else that breaks off.
 */
export const IDLE_SECONDS = 60;
/** TLS 1.3 and 1.2 with forward secrecy; AWS's own recommendation since September 2025 ("Security policies", looked up 2026-11-28). */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09';

/** @param services all of the shop */
export function addWayIn(scope: Construct, services: readonly Process[] = SHOP): void {
  const { overlay } = partOf(scope).props;
  const metadata = { name: 'shop', labels: { 'app.kubernetes.io/part-of': SERVICES_NAMESPACE } };
  const api = { paths: pathRules(services) };
  const pages = { paths: [pathRule('/', storefront)] };
  if (overlay.kind === 'local')
    // Pages for any other host name, and the class that the cluster has for those that name none.
    return void addObject(scope, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: { rules: [{ host: LOCAL_API_HOST, http: api }, { http: pages }] },
    } satisfies IIngress);
  const { hostName } = overlay.settings.edge;
  const apiHost = apiHostName(overlay.settings);
  addObject(scope, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, annotations: loadBalancer(overlay.settings) },
    spec: {
      ingressClassName: AWS_CLASS,
      // By these names the controller finds the certificates: Git cannot know their ARNs.
      tls: [{ hosts: [hostName, apiHost] }],
      rules: [
        { host: apiHost, http: api },
        { host: hostName, http: pages },
      ],
    },
  } satisfies IIngress);
}

type PathRules = NonNullable<NonNullable<IIngress['spec']>['rules']>[number]['http'];

const pathRules = (services: readonly Process[]): NonNullable<PathRules>['paths'] =>
  services.flatMap((service) => prefixesOf(readApi(service)).map((path) => pathRule(path, service)));

const pathRule = (path: string, { name }: Process) => ({
  path,
  pathType: 'Prefix' as const,
  backend: { service: { name, port: { name: 'http' } } },
});

const annotated = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`alb.ingress.kubernetes.io/${name}`, value]),
  );

const TARGETS = {
  // Requests in progress are answered within that; the pod stays for longer (contracts/shutdown.ts).
  'deregistration_delay.timeout_seconds': DRAIN_SECONDS_MAX,
  'load_balancing.algorithm.type': 'least_outstanding_requests',
};
/** A week, the longest possible time (Elastic Load Balancing, "Target group attributes", looked up on 2026-11-29). */
const STICKY_SECONDS = 604_800;

/**
 * Of a Service, where they count more than the Ingress's ("Ingress annotations", looked up on 2026-11-29). A browser stays with one replica
 * of the storefront: a refresh token works once, its second use ends the session, and one replica alone sees that two requests bring the same.
 */
export const addressAnnotations = (
  overlay: Overlay,
  { name }: Process,
): Record<string, string> | undefined =>
  overlay.kind === 'aws' && name === storefront.name
    ? annotated({
        'target-group-attributes': attributes({
          ...TARGETS,
          'stickiness.enabled': true,
          'stickiness.type': 'lb_cookie',
          'stickiness.lb_cookie.duration_seconds': STICKY_SECONDS,
        }),
      })
    : undefined;

/** Annotations of the AWS Load Balancer Controller (v3.5.0, docs/guide/ingress/annotations.md, looked up on 2026-11-28). */
function loadBalancer(settings: Settings): Record<string, string> {
  const named = {
    scheme: 'internet-facing',
    'ip-address-type': 'ipv4',
    'load-balancer-name': `${namePrefix(settings)}-shop`,
    'listen-ports': JSON.stringify([{ HTTP: 80 }, { HTTPS: 443 }]),
    'ssl-redirect': '443',
    'ssl-policy': TLS_POLICY,
    // Likewise found by its name.
    'wafv2-acl-name': webAclName(settings),
    'load-balancer-attributes': attributes(balancerAttributes(settings)),
    // A load balancer asks pods and not nodes: a node that goes away is removed without our help.
    'target-type': 'ip',
    'target-group-attributes': attributes(TARGETS),
    'backend-protocol': 'HTTP',
    'healthcheck-protocol': 'HTTP',
    'healthcheck-path': '/readyz',
    'healthcheck-interval-seconds': '10',
    'healthcheck-timeout-seconds': '5',
    'healthy-threshold-count': '2',
    'unhealthy-threshold-count': '2',
    'success-codes': '200',
  };
  return annotated(named);
}

const balancerAttributes = (settings: Settings) => ({
  'access_logs.s3.enabled': true,
  'access_logs.s3.bucket': accessLogBucketName(settings),
  'access_logs.s3.prefix': ACCESS_LOG_PREFIX.loadBalancer,
  'deletion_protection.enabled': settings.isProtected,
  'idle_timeout.timeout_seconds': IDLE_SECONDS,
  // What two programs may read differently is a way past the firewall.
  'routing.http.desync_mitigation_mode': 'strictest',
  'routing.http.drop_invalid_header_fields.enabled': true,
  // The client's real address is added behind what it claims, so that services can find it (TRUSTED_PROXIES).
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': true,
  // Without the firewall nothing passes.
  'waf.fail_open.enabled': false,
});

const attributes = (values: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
