import { cudaCapture, streamOf } from '../../cuda/capture.ts';
import { prepareCuda } from '../../cuda/check.ts';
import { cudaOperators } from '../../cuda/kernels.ts';
import type { Device } from './device.ts';

const version = '1.30.0';

/** An NVIDIA GPU. @param tf32 whether products of float32 are rounded to 10 bits of mantissa, which is several times as fast */
export function cuda(index: number, tf32: boolean): Device {
  return {
    name: 'cuda',
    providers: [
      {
        name: 'CUDA',
        options: { device_id: `${index}`, use_tf32: tf32 ? '1' : '0' },
        stream: () => streamOf(index),
      },
    ],
    memory: 'Cuda',
    index,
    prepare: () => prepareCuda(index),
    needs: 'an NVIDIA GPU that answers, and the libraries that `dynact setup cuda` brings',
    // A loss is wanted in main memory anyway.
    residentElements: 256,
    operators: cudaOperators(index),
    capture: cudaCapture(index),
    logging: 'error',
    differences: {
      indicesAreUnchecked: { version },
      sigmoidUnderflows: { version },
      castSaturates: { version },
      maxPoolKeepsNaN: { version },
      oneHotIsMissing: { version },
      topKFillsUp: { version },
    },
    // As TensorFlow says of it, too: of updates to one place, which one stays is not determined.
    accepted: {
      scatterRaces: { version, source: 'https://www.tensorflow.org/api_docs/python/tf/tensor_scatter_nd_update' },
    },
  };
}
