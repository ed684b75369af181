import { InputError, train } from '@dynact/api';

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
try {
  const out = 'runs/long'; // called again, it goes on with what is there
  const run = await train('letters.txt', { out, preset: 'nano', steps: 20_000, signal: controller.signal });
  console.log(run.directory);
} catch (error) {
  if (error !== controller.signal.reason && !(error instanceof InputError)) throw error;
  console.error(error instanceof InputError ? error.message : 'saved; call it again to go on');
  process.exitCode = error instanceof InputError ? error.exitCode : 130;
}
