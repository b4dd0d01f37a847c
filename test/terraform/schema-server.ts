// Stand-ins for the providers: each listens on a port of this machine and knows nothing but its schema. Terraform is configured to use
// them instead of its own programs (`TF_REATTACH_PROVIDERS`, meant for debugging providers), so nothing is installed.
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type GrpcObject,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProviderSchema, Schemas } from './provider-schemas.ts';
import type { Block } from './schema.ts';

const PROTOCOL_FILE = fileURLToPath(new URL('plugin-protocol.proto', import.meta.url));
const PROTOCOL_VERSION = 5;

/** Stand-ins that run. */
export interface SchemaServers {
  /** For Terraform's environment. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): void;
}

/** One for each provider. */
export async function serveSchemas(schemas: Schemas): Promise<SchemaServers> {
  const { tfplugin5 } = loadPackageDefinition(loadSync(PROTOCOL_FILE, { keepCase: true }));
  const { service } = (tfplugin5 as GrpcObject).Provider as ServiceClientConstructor;
  const servers: Server[] = [];
  const addresses: [string, object][] = [];
  for (const [name, schema] of schemas) {
    const server = new Server();
    server.addService(service, answers(schema));
    const port = await promisify(server.bindAsync.bind(server))(
      '127.0.0.1:0',
      ServerCredentials.createInsecure(),
    );
    servers.push(server);
    addresses.push([`registry.terraform.io/hashicorp/${name}`, attachment(port ?? 0)]);
  }
  return {
    variables: { TF_REATTACH_PROVIDERS: JSON.stringify(Object.fromEntries(addresses)) },
    stop: () => servers.forEach((server) => server.forceShutdown()),
  };
}

const attachment = (port: number) => ({
  Protocol: 'grpc',
  ProtocolVersion: PROTOCOL_VERSION,
  Pid: process.pid,
  // Otherwise Terraform ends that process, which is ours, when it is done.
  Test: true,
  Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
});

type Answer = (call: { readonly request: object }, reply: (error: null, response: object) => void) => void;

/** Its schema, and to everything else: no objections. */
function answers(schema: ProviderSchema): Record<string, Answer> {
  const written = onTheWire(schema);
  const agree: Answer = (_call, reply) => reply(null, {});
  return {
    GetSchema: (_call, reply) => reply(null, written),
    PrepareProviderConfig: ({ request }, reply) => reply(null, request),
    ValidateResourceTypeConfig: agree,
    ValidateDataSourceConfig: agree,
    ValidateEphemeralResourceConfig: agree,
    Configure: agree,
    Stop: agree,
  };
}

/** Types are JSON in bytes; all else is as the protocol names it. */
function onTheWire(schema: ProviderSchema): object {
  const all = (schemas: ProviderSchema['resource_schemas']) =>
    Object.fromEntries(
      Object.entries(schemas).map(([type, { block }]) => [type, { block: blockOnTheWire(block) }]),
    );
  return {
    provider: { block: blockOnTheWire(schema.provider.block) },
    resource_schemas: all(schema.resource_schemas),
    data_source_schemas: all(schema.data_source_schemas),
    ephemeral_resource_schemas: all(schema.ephemeral_resource_schemas),
  };
}

const blockOnTheWire = ({ attributes, block_types }: Block): object => ({
  attributes: attributes.map((one) => ({ ...one, type: Buffer.from(JSON.stringify(one.type)) })),
  block_types: block_types.map((one) => ({ ...one, block: blockOnTheWire(one.block) })),
});
