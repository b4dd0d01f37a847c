// Gives a laptop's broker the topics of the contracts, once: the function that Terraform calls on AWS, as a program.
import { runMain } from '#runtime/lifecycle.ts';
import { createHandler } from '../../lambda/kafka-topics/handler.ts';

runMain(async () => {
  await createHandler(process.env)();
});
