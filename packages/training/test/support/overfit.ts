import { compile } from '@dynact/tfjs-backend-onnxruntime';
import { Learner, parseConfig } from '../../src/index.ts';
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
  const learner = new Learner(model, training, compile);
  let step = 0;
  let loss = Number.POSITIVE_INFINITY;
  while (step < steps && !(loss < 0.05)) ({ loss } = await learner.trainStep.run(++step, [batchRows(model, 0, 8)]));
  learner.dispose();
  return loss < 0.05 ? step : Number.POSITIVE_INFINITY;
}
