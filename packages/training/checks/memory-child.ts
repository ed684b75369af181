/** Trains some steps of a preset and prints the most memory that this process had, in bytes. */
import '@tensorflow/tfjs';
import { uniformStream } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { gptBatch, Learner, type PresetName, parseConfig, presets } from '../src/index.ts';

const config = parseConfig(presets[process.argv[2] as PresetName]);
registerOnnxRuntimeBackend();
await tf.setBackend('onnxruntime');
const { vocabSize } = config.dataset;
const { batchSize, gradientAccumulation } = config.training;
const model = new Gpt(resolveModelConfig(config.model, vocabSize), 0);
const { trainStep } = new Learner(model, config.training, compile);
const uniform = uniformStream(0, 'tokens');
function* microBatches() {
  for (let microBatch = 0; microBatch < gradientAccumulation; microBatch++) {
    const size = batchSize * config.model.context;
    const inputs = Int32Array.from({ length: size }, () => Math.floor(uniform() * vocabSize));
    yield gptBatch(model, { inputs, targets: inputs.map((token) => (7 * token + 3) % vocabSize) });
  }
}
for (let step = 1; step <= 3; step++) {
  await trainStep.run(step, microBatches());
}
console.log(process.resourceUsage().maxRSS * 1024);
