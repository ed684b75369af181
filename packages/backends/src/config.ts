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
  device: z.enum(['cpu', 'webgpu', 'cuda']).default('cpu').describe('of onnxruntime'),
});

export type BackendConfig = z.output<typeof backendConfigSchema>;
