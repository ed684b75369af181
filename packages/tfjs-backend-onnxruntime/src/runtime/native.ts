import './telemetry.ts';

import { type InferenceSession, Tensor } from 'onnxruntime-common';
// onnxruntime-node's public `run` is asynchronous, and tfjs needs dataSync(): the synchronous call lies in this typed but
// internal module, of a version that is pinned exactly. The packed package has a copy: scripts/copy-onnxruntime.mjs.
import { binding, initOrt } from '#onnxruntime';
import type { ElementType, NumericArray, OrtTensor } from '../graph/value.ts';
import { unreadableOutput } from '../onnx/encode.ts';

export type OrtTensors = Record<string, OrtTensor>;

/** A tensor in main memory with these elements, which are not copied. */
export function ortTensor(type: ElementType, elements: NumericArray, shape: readonly number[]): OrtTensor {
  return new Tensor(type, elements, shape) as OrtTensor;
}

export type SessionOptions = InferenceSession.SessionOptions;

/** The binding's message about an output whose type JavaScript has no array for: 16 is bfloat16. */
const unreadableMessage = /^Tensor type \(16\) is not supported/;

/** A compiled graph inside ONNX Runtime. */
export class NativeSession {
  readonly #session;

  constructor(model: Uint8Array, options: SessionOptions) {
    initOrt();
    this.#session = new binding.InferenceSession();
    this.#session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, options);
  }

  /** Computes the named outputs. Blocks until they are there. */
  run(feeds: OrtTensors, outputs: readonly string[]): OrtTensors {
    const fetches: Record<string, null> = {};
    for (const name of outputs) fetches[name] = null;
    return this.#session.run(feeds, fetches, {}) as OrtTensors;
  }

  /**
   * Writes outputs into the elements of given tensors, by name, of their types and shapes. Blocks until they are there.
   * The model must have been encoded with the unreadable output.
   *
   * ONNX Runtime writes into them directly; but then the binding copies every output into an array of its own, though
   * it was given one. That takes longer than computing many a graph: the arrays are new memory, which is paged in, and
   * soon garbage. It converts outputs in order, and gives up at one that JavaScript has no array for: so that one is
   * first, and the exception says that everything is computed. (A debugger that stops at caught exceptions stops here.)
   */
  compute(feeds: OrtTensors, outputs: OrtTensors): void {
    try {
      this.#session.run(feeds, { ...outputs, [unreadableOutput]: null }, {});
    } catch (error) {
      if (!unreadableMessage.test(messageOf(error))) throw error;
    }
  }

  /** Ends profiling; ONNX Runtime writes its trace file. */
  endProfiling(): void {
    this.#session.endProfiling();
  }

  dispose(): void {
    this.#session.dispose();
  }
}

/** Text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The execution providers that this build of onnxruntime-node brings, for example cpu and webgpu. */
export function nativeProviders(): string[] {
  return binding.listSupportedBackends().map(({ name }) => name);
}
