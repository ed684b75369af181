import '@tensorflow/tfjs-backend-webgl';
import { answerCalls } from './calls.ts';
import { trainer } from './trainer.ts';

answerCalls(trainer, self as unknown as Worker);
