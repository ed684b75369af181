export { OnnxRuntimeBackend } from './backend.ts';
export { compile, type Undoable } from './compile.ts';
export { type Gpu, nvidiaGpus } from './cuda/gpus.ts';
export { type CudaSetupOptions, setupCuda } from './cuda/setup.ts';
export { type CudaState, cudaState } from './cuda/state.ts';
export { InputError } from './errors.ts';
export type { ExportFunction, ExportInput } from './export/record-export.ts';
export { runOnnx } from './export/run-onnx.ts';
export { type ExampleSizes, toOnnx } from './export/to-onnx.ts';
export type { BackendStatistics } from './graph-runner.ts';
export type { BackendOptions, Device, LogLevel } from './options.ts';
export type { ProfileRow } from './profile.ts';
export { backendName, registerOnnxRuntimeBackend } from './register.ts';
export { type BackendVersions, backendVersions } from './versions.ts';

import { registerOnnxRuntimeBackend } from './register.ts';

registerOnnxRuntimeBackend();
