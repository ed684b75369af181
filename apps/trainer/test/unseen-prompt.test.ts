import { parseConfig } from '@dynact/training';
import { expect, test, vi } from 'vitest';
import { prepareConfigured, warnOfLittleText } from '../src/prepare-configured.ts';
import { warnOfUnseenPrompt } from '../src/unseen-prompt.ts';
import { Workbench } from './support/workbench.ts';

const bench = new Workbench();
Object.assign(process.env, bench.environment);

test('a text to continue whose letters the training text lacks is named, and a text too short to judge by', async () => {
  const config = (prompt: string) =>
    parseConfig({ dataset: { name: bench.corpus, vocabSize: 300 }, training: { sample: { prompt } } });
  const dataset = await prepareConfigured(config('the').dataset);
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  for (const prompt of ['the old man', 'the Zoo']) await warnOfUnseenPrompt(config(prompt), dataset);
  // A window has one token more than the model sees.
  const { length } = dataset.splits.validation;
  for (const context of [length - 1, length]) warnOfLittleText(parseConfig({ model: { context } }), dataset);
  spy.mockRestore();
  dataset.close();
  expect(lines).toEqual([
    'warning: training.sample.prompt "the Zoo": token "Z" does not occur in the training text; expect nonsense after it\n',
    `warning: the validation split has ${length} tokens, fewer than one window of context + 1 = ${length + 1}: ` +
      'its loss says nothing; give a few hundred kilobytes of text\n',
  ]);
});
