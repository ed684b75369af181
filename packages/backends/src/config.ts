import { z } from 'zod';

/** Which backend computes, and where. */
export const backendConfigSchema = z.strictObject({
  name: z.enum(['auto', 'onnxruntime', 'tensorflow', 'wasm', 'cpu']).default('auto').describe('what computes'),
  threads: z
    .number()
    .int()
    .positive()
    .max(1024)
    .optional()
    .describe('of onnxruntime and tensorflow; by default every core'),
  device: z
    .union([z.enum(['cpu', 'webgpu', 'cuda']), z.templateLiteral(['cuda:', z.string().regex(/^\d{1,3}$/)])], {
      error: 'must be cpu, webgpu, cuda, or cuda:1 for the second GPU',
    })
    .default('cpu')
    .describe('of onnxruntime; cuda:1 is the second of several GPUs'),
  tf32: z
    .boolean()
    .default(true)
    .describe('whether cuda rounds the terms of matrix products to TF32, 10 bits of mantissa, which is much faster'),
  cudaGraphs: z
    .boolean()
    .default(true)
    .describe(
      'whether cuda computes what lies between products by kernels of our own and replays steps as CUDA graphs, which saves passes over memory and the time to start operators',
    ),
});

export type BackendConfig = z.output<typeof backendConfigSchema>;
