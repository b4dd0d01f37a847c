// Loaded into a service's process before its main: the cart refuses bad records as usual, but its dead letters are never written.
import { Sender } from '#runtime/kafka/sender.ts';

const { send } = Sender.prototype;

if (process.argv[1]?.includes('services/cart/'))
  Sender.prototype.send = async function (topic, messages) {
    if (!topic.endsWith('.dlq')) await send.call(this, topic, messages);
  };
