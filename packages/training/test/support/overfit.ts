import { compile } from '@dynact/tfjs-backend-onnxruntime';
import { parseConfig, TrainStep } from '../../src/index.ts';
import { batchRows, tinyModel } from './tiny-model.ts';

/** Trains on one batch until its loss is below 0.05. @returns how many steps it took, at most `steps` */
export async function stepsToOverfit(feedForward: object, steps: number): Promise<number> {
  const model = tinyModel({ layers: 2, width: 32, feedForward });
  const { training } = parseConfig({
    training: {
      steps,
      optimizer: { learningRate: 0.01, weightDecay: 0 },
      schedule: { name: 'constant', warmupSteps: 10 },
    },
  });
  const trainStep = new TrainStep(model, training, compile);
  const batch = batchRows(0, 8);
  let step = 0;
  let loss = Number.POSITIVE_INFINITY;
  while (step < steps && !(loss < 0.05)) ({ loss } = await trainStep.run(++step, [batch]));
  trainStep.dispose();
  model.dispose();
  return loss < 0.05 ? step : Number.POSITIVE_INFINITY;
}
