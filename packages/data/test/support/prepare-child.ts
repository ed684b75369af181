/** A process of its own that prepares a dataset: the options as JSON in the first argument, progress on stdout. */
import { InputError } from '@dynact/files';
import { prepareDataset } from '../../src/index.ts';

try {
  const dataset = await prepareDataset({
    ...JSON.parse(process.argv[2] ?? '{}'),
    onProgress: (progress) => console.log(JSON.stringify(progress)),
  });
  dataset.close();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
