// The shop's DNS zone. It is made here, before everything else, since the parent domain must name its name servers: the owner of the
// domain above must name them, and certificates wait for that.
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js';
import { Construct } from 'constructs';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';

export class ShopZone extends Construct {
  /** What the domain above must name as the zone's NS records. */
  readonly nameServers: string[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { settings } = PlatformStack.of(this);
    const zone = new Route53Zone(this, 'zone', {
      name: settings.edge.zone.name,
      comment: `The shop, ${settings.environment}`,
      // The shop's own record is ExternalDNS's, in no state: it would keep the zone.
      forceDestroy: !settings.isProtected,
      // A zone that is made again has other name servers, and the shop is gone until all resolvers know them.
      lifecycle: keepsData(settings),
    });
    this.nameServers = zone.nameServers;
  }
}
