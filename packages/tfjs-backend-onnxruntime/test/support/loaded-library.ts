/** Prints which library of ONNX Runtime a program loads, and whether NVIDIA's beside it load, too. */
import { dirname } from 'node:path';
import { loadCuda } from '../../src/cuda/libraries.ts';
import { onnxRuntime } from '../../src/runtime/library.ts';

const { file } = onnxRuntime();
console.log(JSON.stringify({ file, missing: loadCuda(dirname(file)) ?? null }));
