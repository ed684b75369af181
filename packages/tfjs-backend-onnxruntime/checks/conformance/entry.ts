import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import './environment.ts';
import '@tensorflow/tfjs-core/dist/tests.js';
