// What the broker says about a topic keeps the contract that its fake keeps.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { createProducer, createTopics, withAdmin } from '#runtime/kafka/client.ts';
import { deleteRecords } from '../test/faults/delete-records.ts';
import { freshKafka } from '../test/fresh.ts';
import { itKeeps } from '../test/ports/contract.ts';
import { LOG_INSPECTOR_CONTRACT, type LogStage } from '../test/ports/log-inspector.ts';
import { createBrokerView } from './log-ends.ts';

const { client, drop } = freshKafka();
const producer = createProducer(client);
const view = createBrokerView(client);
beforeAll(() => producer.connect());
afterAll(async () => {
  await producer.disconnect();
  await view.close();
  await drop();
});

async function openStage(): Promise<LogStage> {
  const topic = `log-${randomUUID()}`;
  const create = () => createTopics(client, [{ topic, partitions: 2, config: {} }], 1);
  await create();
  return {
    inspector: view.of(topic),
    append: async (partition, count) => {
      const messages = Array.from({ length: count }, () => ({ partition, value: 'record' }));
      await producer.send({ topic: client.nameOf(topic), messages });
    },
    deleteBelow: (partition, below) => deleteRecords(client, topic, { partition, below }),
    recreate: async () => {
      await withAdmin(client, (admin) => admin.deleteTopics({ topics: [client.nameOf(topic)] }));
      // The deletion ends after its answer.
      while ((await create().catch(() => [])).length === 0) await sleep(100);
    },
  };
}

describe('what the broker says about a topic', () => {
  itKeeps(LOG_INSPECTOR_CONTRACT, openStage);
});
