import { InputError } from '@dynact/files/input-error';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';

/** Computes on the graphics card from now on. @throws InputError where the browser does not let it */
export async function useGraphics(): Promise<void> {
  // One program serves every size of an operation: compiling is most of the first step.
  tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', true);
  await use('webgl', 'WebGL, with which this page trains: turn on hardware acceleration or take another browser');
}

/** Computes with WebAssembly from now on: forward passes only, it lacks what a gradient needs. */
export async function useWasm(): Promise<void> {
  await use('wasm', 'WebAssembly, with which this page writes: take another browser');
}

async function use(name: string, without: string): Promise<void> {
  const works = await tf.setBackend(name).catch(() => false);
  if (!works || tf.getBackend() !== name) throw new InputError('device', `this browser has no ${without}`);
}
