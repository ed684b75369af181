import { InputError, train } from '@dynact/api';

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
try {
  const out = 'runs/long'; // called again, it goes on with what is there
  const run = await train('letters.txt', { out, preset: 'nano', steps: 20_000, signal: controller.signal });
  console.log(run.directory);
} catch (error) {
  if (controller.signal.aborted) console.error('saved; call it again to go on');
  else if (error instanceof InputError) console.error(error.message);
  else throw error;
  process.exitCode = controller.signal.aborted ? 130 : 2;
}
