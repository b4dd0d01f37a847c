// A real broker with a way in that asks for TLS and a login token, as MSK does; its tokens are JWTs, which it checks by the keys of their
// issuer. What is the same at MSK: the SASL exchange, the end of a session with its token. What is not: what a token looks like.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { startBroker } from '../local/kafka/kafka.ts';
import { freePort } from '../local/launcher/ports.ts';
import { makeServerFolder } from './platform/server-folder.ts';
import { selfSigned } from './self-signed.ts';
import type { IssuerSettings } from './token-issuer.ts';

const OAUTHBEARER = 'org.apache.kafka.common.security.oauthbearer';

export interface LoginBroker {
  /** Where it asks for a token. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Until it is stopped, this process trusts its certificate. */
export async function startLoginBroker(issuer: IssuerSettings): Promise<LoginBroker> {
  const dataDir = await makeServerFolder('login-broker-');
  const { certificate, key } = selfSigned('localhost');
  const pem = join(dataDir, 'certificate.pem');
  await writeFile(pem, `${key}${certificate}`);
  const address = `localhost:${await freePort()}`;
  const broker = await startBroker({
    dataDir,
    logFile: join(dataDir, 'server.log'),
    port: await freePort(),
    listeners: [`SASL_SSL://${address}`],
    settings: loginSettings(pem, issuer),
    // By default a broker may fetch keys from no address (Kafka 4.1, "System Properties").
    systemProperties: { 'org.apache.kafka.sasl.oauthbearer.allowed.urls': issuer.SERVICE_JWKS_URL },
  });
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, certificate]);
  return {
    address,
    stop: async () => {
      setDefaultCACertificates(trusted);
      await broker.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Kafka's documentation, "Authentication using SASL/OAUTHBEARER". */
const loginSettings = (pem: string, issuer: IssuerSettings): Record<string, string> => ({
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
  'listener.name.sasl_ssl.ssl.keystore.type': 'PEM',
  'listener.name.sasl_ssl.ssl.keystore.location': pem,
  'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'OAUTHBEARER',
  'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config': `${OAUTHBEARER}.OAuthBearerLoginModule required;`,
  'listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class': `${OAUTHBEARER}.OAuthBearerValidatorCallbackHandler`,
  'sasl.oauthbearer.jwks.endpoint.url': issuer.SERVICE_JWKS_URL,
  'sasl.oauthbearer.expected.issuer': issuer.SERVICE_ISSUER,
  'sasl.oauthbearer.expected.audience': issuer.SERVICE_AUDIENCE,
  // By default a token is taken for half a minute after its end.
  'sasl.oauthbearer.clock.skew.seconds': '0',
  // Sessions end with their token, and after this time at the latest; by default they never end.
  'connections.max.reauth.ms': '3600000',
});
