/** Trains some steps of a preset and prints the most memory that this process had, in bytes. */
import '@tensorflow/tfjs';
import { uniformStream } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { type PresetName, parseConfig, presets, TrainStep } from '../../src/index.ts';

const config = parseConfig(presets[process.argv[2] as PresetName]);
registerOnnxRuntimeBackend();
await tf.setBackend('onnxruntime');
const { vocabSize } = config.dataset;
const { batchSize, gradientAccumulation } = config.training;
const trainStep = new TrainStep(new Gpt(resolveModelConfig(config.model, vocabSize), 0), config.training, compile);
const uniform = uniformStream(0, 'tokens');
for (let step = 1; step <= 3; step++) {
  const passes = Array.from({ length: gradientAccumulation }, () => {
    const inputs = Int32Array.from({ length: batchSize * config.model.context }, () =>
      Math.floor(uniform() * vocabSize),
    );
    return { inputs, targets: inputs.map((token) => (7 * token + 3) % vocabSize), dropoutMasks: [] };
  });
  await trainStep.run(step, passes);
}
console.log(process.resourceUsage().maxRSS * 1024);
