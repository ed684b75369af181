/**
 * A process of its own that prepares a dataset: the options as JSON in the first argument, progress on stdout. With a share
 * of the text and a signal it says that signal and sends it to itself once, when so much is tokenized, before it does anything else.
 */
import { InputError } from '@dynact/files';
import { prepareDataset } from '../../src/index.ts';

const [, , options = '{}', share = 'NaN', signal] = process.argv;
let isSent = false;

try {
  const dataset = await prepareDataset({
    ...JSON.parse(options),
    onProgress: (progress) => {
      const { phase, done, total } = progress;
      console.log(JSON.stringify(progress));
      if (isSent || phase !== 'tokenize' || !(done >= Number(share) * total)) return;
      isSent = true;
      console.log(signal);
      process.kill(process.pid, signal);
    },
  });
  dataset.close();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
