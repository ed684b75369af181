import * as tf from '@tensorflow/tfjs';
import { fit, type NetworkName } from './networks.ts';

// One row of bench/layers.ts: a backend and a network, in a process of its own.
const [backend, name, train, epochs] = process.argv.slice(2) as [string, NetworkName, string, string];
if (backend === 'onnxruntime') await import('../src/index.ts');
if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
await tf.setBackend(backend);
const data = { train: Number(train), test: 1000, epochs: Number(epochs), batchSize: 64 };
console.log(JSON.stringify(await fit(name, data)));
