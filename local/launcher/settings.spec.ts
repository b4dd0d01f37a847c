import { once } from 'node:events';
import { createServer } from 'node:net';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { freePorts } from '../../test/launcher.ts';
import { checkPorts, environmentFile, launcherConfig, sharedEnvironment } from './settings.ts';

describe('ports', () => {
  it('are all free, or every taken one is named with its part and its variable', async () => {
    const servers = [createServer(), createServer()];
    const ports = await freePorts();
    await expect(checkPorts(loadConfig(launcherConfig, ports), {})).resolves.toBeUndefined();
    try {
      for (const [at, variable] of ['LOCAL_KAFKA_PORT', 'CONSOLE_PORT'].entries()) {
        servers[at]!.listen(Number(ports[variable]), '127.0.0.1');
        await once(servers[at]!, 'listening');
      }
      const check = checkPorts(loadConfig(launcherConfig, ports), {});
      await expect(check).rejects.toMatchObject({ code: 'ports-taken' });
      await expect(check).rejects.toThrow(
        new RegExp(
          `${ports.LOCAL_KAFKA_PORT}: wanted by Kafka; .*LOCAL_KAFKA_PORT[^]*${ports.CONSOLE_PORT}: .*CONSOLE_PORT`,
        ),
      );
      const replaced = checkPorts(loadConfig(launcherConfig, ports), { KAFKA_BROKERS: 'elsewhere:9092' });
      await expect(replaced).rejects.not.toThrow('Kafka');
    } finally {
      for (const server of servers) server.close();
    }
  });

  it('given twice are refused', async () => {
    const ports = await freePorts();
    const config = loadConfig(launcherConfig, { ...ports, OPS_PORT: ports.CONSOLE_PORT });
    await expect(checkPorts(config, {})).rejects.toThrow(
      'wanted by console and analytics worker; set OPS_PORT',
    );
  });
});

describe('the environment file', () => {
  it('is read by Node as it was meant', () => {
    const env = {
      ...sharedEnvironment(loadConfig(launcherConfig, {})),
      DATABASE_URL: 'postgres://u:p#w@127.0.0.1/shop',
    };
    expect(parseEnv(environmentFile(env))).toEqual(env);
  });
});
