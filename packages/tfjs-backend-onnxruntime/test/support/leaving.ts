import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import '../../src/index.ts';

/*
 * leaving.ts exit|terminate: leaves while ONNX Runtime computes: by process.exit() beside a run that is awaited, or by
 * terminating a worker that is inside one.
 */
const how = isMainThread ? process.argv[2] : (workerData as string);

if (isMainThread && how === 'terminate') {
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}); })`;
  const worker = new Worker(start, { eval: true, workerData: how, execArgv: ['--conditions=@dynact/source'] });
  worker.once('message', async () => {
    await worker.terminate();
    console.log(how);
  });
} else {
  await tf.setBackend('onnxruntime');
  const x = tf.ones([1024, 1024]);
  let y: tf.Tensor = x;
  for (let index = 0; index < 20; index++) y = tf.matMul(y, x);
  if (isMainThread) {
    void y.data();
    setTimeout(() => {
      console.log(how);
      process.exit(7);
    }, 20);
  } else {
    parentPort?.postMessage('computes');
    y.dataSync();
  }
}
