import { formulas } from '../graph/fusion/formulas.ts';

/** Threads of a block, and of a warp, whose threads can read each other's variables. */
export const [threads, warp] = [256, 32] as const;
export const warps = threads / warp;

/** Numbers as one: how two are joined, and what changes none. */
export interface Fold {
  readonly name: string;
  readonly start: string;
  readonly join: (a: string, b: string) => string;
}

export const addition: Fold = { name: 'sum', start: '0', join: (a, b) => `${a} + ${b}` };
/** NaN where one is. */
export const largest: Fold = { name: 'largest', start: '-INFINITY', join: formulas.Max! };

/** Sums and maxima over the threads of a warp, and of a block, which every thread gets. */
export const foldsInC = `
#define INFINITY __int_as_float(0x7f800000)
${overThreads('sum', addition.join)}${overThreads('largest', largest.join)}`;

/** Functions in C that join the values of the threads of a warp, and of a block. */
function overThreads(name: string, join: (a: string, b: string) => string): string {
  const start = 'static __device__ __forceinline__ float';
  const others = `__shfl_xor_sync(0xffffffffu, a, other)`;
  return `${start} ${name}OfWarp(float a) {
  for (unsigned other = ${warp / 2}; other > 0; other /= 2) {
    const float b = ${others};
    a = ${join('a', 'b')};
  }
  return a;
}
${start} ${name}OfBlock(float a, float *shared) {
  a = ${name}OfWarp(a);
  __syncthreads();
  if (threadIdx.x % ${warp}u == 0) shared[threadIdx.x / ${warp}u] = a;
  __syncthreads();
  a = shared[0];
  for (unsigned other = 1; other < ${warps}; ++other) a = ${join('a', 'shared[other]')};
  return a;
}
`;
}
