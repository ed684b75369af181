import '@tensorflow/tfjs-backend-wasm';
import { answerCalls } from './calls.ts';
import { writer } from './writer.ts';

answerCalls(writer, self as unknown as Worker);
