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
  for (const context of [16, 100_000]) {
    warnOfLittleText(parseConfig({ model: { context } }), dataset);
  }
  spy.mockRestore();
  dataset.close();
  expect(lines).toEqual([
    'warning: training.sample.prompt "the Zoo": "Z" never occurs in the training text; expect nonsense after it\n',
    expect.stringMatching(
      /^warning: the validation split has \d+ tokens, fewer than one window of 100000: its loss says nothing; /,
    ),
  ]);
});
