export type { BackendStatistics } from './backend.ts';
export { OnnxRuntimeBackend } from './backend.ts';
export { compile } from './compile.ts';
export { InputError } from './errors.ts';
export type { BackendOptions, Device } from './options.ts';
export { backendName, registerOnnxRuntimeBackend } from './register.ts';
export { type BackendVersions, backendVersions } from './versions.ts';

import { registerOnnxRuntimeBackend } from './register.ts';

registerOnnxRuntimeBackend();
