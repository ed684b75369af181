import { getKernelsForBackend, type KernelConfig, registerKernel } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { runOnCpu } from '../fallback.ts';
import { addN } from './add-n.ts';
import { aliasKernels } from './alias.ts';
import { argReduceKernels } from './arg-reduce.ts';
import { avgPoolGrad } from './avg-pool-grad.ts';
import { fusedBatchNorm } from './batch-norm.ts';
import { binaryKernels } from './binary.ts';
import { bincountKernels } from './bincount.ts';
import { blockKernels } from './blocks.ts';
import { cast } from './cast.ts';
import { classifyKernels } from './classify.ts';
import { clipByValue } from './clip.ts';
import { compareKernels } from './compare.ts';
import { complexKernels } from './complex.ts';
import { concatKernels } from './concat.ts';
import { conv2dKernels } from './conv2d.ts';
import { conv3dKernels } from './conv3d.ts';
import { cumprod } from './cumprod.ts';
import { cumsum } from './cumsum.ts';
import { depthwiseConv2dKernels } from './depthwise-conv2d.ts';
import { depthwiseConv2dGradientKernels } from './depthwise-conv2d-gradients.ts';
import { diag } from './diag.ts';
import { einsum } from './einsum.ts';
import { fillKernels } from './fill.ts';
import { fourierKernels } from './fourier.ts';
import { fusedMatMul } from './fused-mat-mul.ts';
import { gatherV2 } from './gather.ts';
import { gatherNd } from './gather-nd.ts';
import { type GraphKernel, registerGraphKernel } from './kernel.ts';
import { localResponseNormalizationKernels } from './local-response-normalization.ts';
import { logicalKernels } from './logical.ts';
import { batchMatMul } from './mat-mul.ts';
import { maxPoolWithArgmax } from './max-pool-with-argmax.ts';
import { maxPool3dGrad } from './max-pool3d-grad.ts';
import { mirrorPad } from './mirror-pad.ts';
import { oneHot } from './one-hot.ts';
import { padV2 } from './pad.ts';
import { poolKernels } from './pool.ts';
import { pool3dKernels } from './pool3d.ts';
import { rectifierKernels } from './rectifier.ts';
import { reduceKernels } from './reduce.ts';
import { resizeKernels } from './resize.ts';
import { resizeGradientKernels } from './resize-gradient.ts';
import { reverseKernels } from './reverse.ts';
import { scatterKernels } from './scatter.ts';
import { select } from './select.ts';
import { sequenceKernels } from './sequence.ts';
import { sliceKernels } from './slice.ts';
import { softmax } from './softmax.ts';
import { sparseToDense } from './sparse-to-dense.ts';
import { splitV } from './split.ts';
import { tile } from './tile.ts';
import { topK } from './top-k.ts';
import { transpose } from './transpose.ts';
import { unaryKernels } from './unary.ts';

/** Every kernel that becomes part of a graph. */
export const graphKernels: readonly GraphKernel[] = [
  addN,
  ...aliasKernels,
  ...argReduceKernels,
  avgPoolGrad,
  batchMatMul,
  ...bincountKernels,
  ...binaryKernels,
  ...blockKernels,
  cast,
  ...classifyKernels,
  clipByValue,
  ...compareKernels,
  ...complexKernels,
  ...concatKernels,
  ...conv2dKernels,
  ...conv3dKernels,
  cumprod,
  cumsum,
  ...depthwiseConv2dGradientKernels,
  ...depthwiseConv2dKernels,
  diag,
  einsum,
  ...fillKernels,
  ...fourierKernels,
  fusedBatchNorm,
  fusedMatMul,
  gatherNd,
  gatherV2,
  ...localResponseNormalizationKernels,
  ...logicalKernels,
  maxPoolWithArgmax,
  maxPool3dGrad,
  mirrorPad,
  oneHot,
  padV2,
  ...pool3dKernels,
  ...poolKernels,
  ...rectifierKernels,
  ...reduceKernels,
  ...resizeGradientKernels,
  ...resizeKernels,
  ...reverseKernels,
  ...scatterKernels,
  select,
  ...sequenceKernels,
  ...sliceKernels,
  softmax,
  sparseToDense,
  splitV,
  tile,
  topK,
  transpose,
  ...unaryKernels,
];

/** Registers the graph kernels, and tfjs-backend-cpu's kernel for everything else. */
export function registerKernels(backendName: string): void {
  for (const kernel of graphKernels) registerGraphKernel(kernel, backendName);
  const mapped = new Set(graphKernels.map(({ name }) => name));
  for (const { kernelName } of getKernelsForBackend('cpu') as KernelConfig[]) {
    if (mapped.has(kernelName)) continue;
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => runOnCpu(kernelName, inputs, attrs, backend as OnnxRuntimeBackend),
    });
  }
}
