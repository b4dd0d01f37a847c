// A stack that needs no cloud: what the cdktf CLI does with it on a laptop, it does with ours in the clouds.
import { App, DataResource, LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'laptop');
new LocalBackend(stack, { path: 'laptop.tfstate' });
const greeting = new DataResource(stack, 'greeting', {
  input: { text: process.env.LAPTOP_GREETING ?? 'hello' },
});
new TerraformOutput(stack, 'said', { value: greeting.output });
app.synth();
