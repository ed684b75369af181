/**
 * `pnpm --filter @dynact/playground measure [size]`: the time to the first step, and tokens a second of training (webgl) and
 * writing (wasm) in Chromium, beside this machine's Node on the backend that the trainer takes.
 */
import { selectBackend } from '@dynact/backends';
import { textTable } from '@dynact/command-line';
import { createTokenizer, createTrainingBatches, tokenizeText, tokensInMemory } from '@dynact/data/tokens';
import { readRunFolder } from '@dynact/runs';
import { Learner, MicroBatches, parseRecordedConfig } from '@dynact/training/learning';
import { Gpt, resolveModelConfig, TokenGenerator } from '@dynact/transformer';
import { median } from '../src/page/median.ts';
import { fill, press, reaches, Site } from '../test/support/site.ts';

const size = process.argv[2] ?? 'tiny';
const steps = 40;
const written = 48;

const site = await Site.start();
try {
  const page = await site.open();
  await fill(page, { size, steps: `${steps}` });
  await press(page, 'reset');
  await reaches(page, 'ready', 300_000);
  await press(page, 'train');
  await reaches(page, 'all steps are done', 600_000);
  const firstStep = Number(await page.locator('#status').getAttribute('data-first-step'));
  await press(page, 'write');
  await page.waitForTimeout(5000);
  const writing = Number(
    (await page.locator('.facts div:has(dt:text-is("tokens a second, writing")) dd').textContent())?.replaceAll(
      ',',
      '',
    ),
  );
  const folder = await site.save(page, 0);
  const { config: recorded } = readRunFolder(folder).config;
  const speeds = readRunFolder(folder)
    .records()
    .flatMap((record) => (record.kind === 'train' ? [record.tokensPerSecond] : []));
  const node = await nodeSpeeds(parseRecordedConfig(recorded, folder));
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  console.log(
    `${size}, ${await site.browser.version()}: first step ${Math.round(firstStep)} ms after "train" is pressed`,
  );
  console.log(
    textTable([
      ['', 'training, tokens/s', 'writing, tokens/s'],
      ['Chromium', `${whole(median(speeds)!)} (webgl)`, `${whole(writing)} (wasm)`],
      ['Node', `${whole(node.training)} (${node.backend})`, `${whole(node.writing)} (${node.backend})`],
    ]),
  );
} finally {
  await site.close();
}

async function nodeSpeeds(config: ReturnType<typeof parseRecordedConfig>) {
  const { seed, training, dataset } = config;
  const backend = await selectBackend(config.backend, 'train');
  const tokenizer = await createTokenizer({ encoding: dataset.encoding, vocabularySize: dataset.vocabSize });
  const text = 'the young dog walked from the old house to the river and slept. '.repeat(400);
  const modelConfig = resolveModelConfig(config.model, dataset.vocabSize);
  const { context } = modelConfig;
  const { batchSize, gradientAccumulation: perStep } = training;
  const tokens = tokensInMemory(tokenizeText(text, tokenizer).train);
  const batches = createTrainingBatches({ tokens, context, batchSize, seed });
  const model = new Gpt(modelConfig, seed);
  const learner = new Learner(model, training, backend.compile);
  const microBatches = new MicroBatches(batches, model, { seed, perStep });
  const speeds: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const before = performance.now();
    await learner.trainStep.run(step, microBatches.of(step));
    speeds.push((batchSize * perStep * context) / ((performance.now() - before) / 1000));
  }
  const generator = new TokenGenerator(model, { compile: backend.compile });
  const prompt = tokenizer.encode('the dog');
  const options = { temperature: 0.8, maximumTokens: written, seed };
  for await (const _ of generator.generate([prompt], { ...options, maximumTokens: 4 }));
  const before = performance.now();
  for await (const _ of generator.generate([prompt], options));
  const writing = written / ((performance.now() - before) / 1000);
  generator.dispose();
  learner.dispose();
  return { backend: backend.name, training: median(speeds)!, writing };
}
