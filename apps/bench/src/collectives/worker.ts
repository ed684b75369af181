import '@tensorflow/tfjs';
import { selectBackend } from '@dynact/backends';
import { Ranks } from '@dynact/collectives';
import { gptBatch, Learner, SharedSteps } from '@dynact/training';
import { Gpt } from '@dynact/transformer';
import { median } from 'simple-statistics';
import { tokenBatches, type Workload, warmUpSteps, workloadConfig, workloadModel } from '../engine/models.ts';
import type { RanksRun } from './collectives.ts';

// One of the processes of the benchmark, with a micro-batch and a thread of its own; rank 0 prints the figures.
const workload = JSON.parse(process.argv[2]!) as Workload;
const ranks = Ranks.join();
const { compile } = await selectBackend({ name: 'onnxruntime', threads: 1, device: 'cpu' }, 'train');
const model = new Gpt(workloadModel(workload), 0);
const parameters = model.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
const { training } = workloadConfig(workload);
const microBatches = ranks?.size ?? 1;
const shared = ranks && new SharedSteps(ranks, { parameters, microBatches: ranks.size, wantsToStop: () => false });
const learner = new Learner(model, { ...training, gradientAccumulation: microBatches }, compile, shared);
const nextBatch = tokenBatches(workload.shape);
const times: number[] = [];
for (let step = 1; step <= warmUpSteps + workload.steps; step++) {
  const batch = gptBatch(model, nextBatch(training.batchSize));
  ranks?.meet();
  const before = performance.now();
  await learner.trainStep.run(step, [batch]);
  if (step > warmUpSteps) times.push(performance.now() - before);
}
if (ranks === undefined || ranks.rank === 0) {
  const figures: RanksRun = { ranks: microBatches, parameters, stepMs: median(times), ...shared?.meanTime };
  console.log(JSON.stringify(figures));
}
ranks?.leave();
