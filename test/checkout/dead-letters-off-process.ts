// Loaded into a service's process before its main: the cart refuses records and writes no dead letters of them, as if it had.
import { Sender } from '#runtime/kafka/sender.ts';

const { send } = Sender.prototype;

if (process.argv[1]?.includes('services/cart/'))
  Sender.prototype.send = async function (topic, messages) {
    if (!topic.endsWith('.dlq')) await send.call(this, topic, messages);
  };
