import { engine, version_core } from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.ts';
import { type Device, resolveOptions } from './options.ts';
import { onnxRuntime } from './runtime/library.ts';

/** Facts about this backend for a diagnosis. */
export interface BackendVersions {
  onnxruntime: string;
  tfjsCore: string;
  node: string;
  /** Execution providers inside the library. */
  providers: string[];
  threads: number;
  device: Device;
}

/** Versions, and the options in force: those of the active backend, or the defaults when another one is active. */
export function backendVersions(): BackendVersions {
  const runtime = onnxRuntime();
  const backend = engine().backendName ? engine().backend : undefined;
  const { threads, device } = backend instanceof OnnxRuntimeBackend ? backend.options : resolveOptions();
  return {
    onnxruntime: runtime.version,
    tfjsCore: version_core,
    node: process.versions.node,
    providers: runtime.providers(),
    threads,
    device,
  };
}
