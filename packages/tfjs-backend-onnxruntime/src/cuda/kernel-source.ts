import { functionsInC } from '../graph/fusion/formulas.ts';
import { type FusedKernel, type SumKernel, tileColumns } from '../graph/fusion/kernel.ts';
import { addition, type Fold, foldsInC, largest, threads, warp, warps } from './folds.ts';

const typesInC = { float32: 'float', int32: 'int' } as const;

/** Places that a thread computes, one block's width apart: neighbors read neighbors. */
const placesOfThread = 4;
/** Columns of a row up to which a warp has it, each thread a part in its registers. */
const shortRow = 1024;

/** Blocks and threads of each that a kernel is started with. */
export function launchOf({ size, rows: kernel }: FusedKernel): { blocks: number; threads: number } {
  if (!kernel) return { blocks: Math.ceil(size / (threads * placesOfThread)), threads };
  const { rows, columns } = kernel;
  if (kernel.kind === 'segmentSum') return { blocks: kernel.segments, threads };
  const parts = kernel.kind === 'sum' ? kernel.parts : 1;
  if (kernel.kind === 'sum' && kernel.over === 'rows')
    return { blocks: Math.ceil(columns / tileColumns) * parts, threads };
  return { blocks: columns <= shortRow ? Math.ceil(rows / warps) : rows * parts, threads };
}

/** CUDA C of kernels. */
export function kernelSource(kernels: readonly FusedKernel[]): string {
  return `#define F(x) x##f\n${functionsInC}${foldsInC}${kernels.map(sourceOf).join('')}`;
}

function sourceOf(kernel: FusedKernel): string {
  const parameters = [
    ...kernel.inputs.map((type, place) => `const ${typesInC[type]} *__restrict__ a${place}`),
    ...kernel.outputs.map((_, place) => `float *__restrict__ o${place}`),
  ];
  return `
extern "C" __global__ void __launch_bounds__(${threads}) ${kernel.name}(${parameters.join(', ')}) {
${bodyOf(kernel)}}
`;
}

function bodyOf(kernel: FusedKernel): string {
  const { body, rows } = kernel;
  if (!rows) return placesBody(kernel);
  if (rows.kind === 'segmentSum') return segmentSum(body, rows);
  if (rows.kind === 'sum') return rows.over === 'rows' ? sumOfRows(body, rows) : sumOfColumns(body, rows);
  if (rows.kind === 'maximum') return foldColumns(body, { ...rows, parts: 1, length: rows.columns }, largest);
  return rows.columns <= shortRow ? shortSoftmax(body, rows) : longSoftmax(body, rows);
}

function placesBody({ size, body }: FusedKernel): string {
  return `  const unsigned first = blockIdx.x * ${threads * placesOfThread}u + threadIdx.x;
  #pragma unroll
  for (unsigned k = 0; k < ${placesOfThread}; ++k) {
    const unsigned i = first + k * ${threads}u;
    if (i < ${size}u) {
${body}
    }
  }
`;
}

/** Sums of columns, each times a factor. */
function sumOfColumns(body: string, kernel: SumKernel): string {
  return foldColumns(body, kernel, addition, (sum) => `${sum} * F(${kernel.scale.toExponential(9)})`);
}

/** Short rows have a warp each; of a long one each block folds a part. */
function foldColumns(
  body: string,
  { rows, columns, parts, length }: Size & Pick<SumKernel, 'parts' | 'length'>,
  { name, start: nothing, join }: Fold,
  result = (folded: string) => folded,
): string {
  const loop = (first: string, end: string, width: number) => `  float folded = ${nothing};
  for (unsigned column = ${first}; column < ${end}; column += ${width}u) {
    const unsigned i = row * ${columns}u + column;
${body}
    folded = ${join('folded', 'result')};
  }
`;
  if (columns <= shortRow) {
    return `  const unsigned row = blockIdx.x * ${warps}u + threadIdx.x / ${warp}u;
  if (row >= ${rows}u) return;
${loop(`threadIdx.x % ${warp}u`, `${columns}u`, warp)}  folded = ${name}OfWarp(folded);
  if (threadIdx.x % ${warp}u == 0) o0[row] = ${result('folded')};
`;
  }
  return `  __shared__ float shared[${warps}];
  const unsigned row = blockIdx.x / ${parts}u, start = blockIdx.x % ${parts}u * ${length}u;
  const unsigned end = start + ${length}u < ${columns}u ? start + ${length}u : ${columns}u;
${loop('start + threadIdx.x', 'end', threads)}  folded = ${name}OfBlock(folded, shared);
  if (threadIdx.x == 0) o0[blockIdx.x] = ${result('folded')};
`;
}

/** A block adds rows of a tile of columns: neighboring threads have neighboring columns, and every warp other rows. */
function sumOfRows(body: string, { rows, columns, parts, length, scale }: SumKernel): string {
  return `  __shared__ float shared[${threads}];
  const unsigned part = blockIdx.x % ${parts}u, start = part * ${length}u;
  const unsigned column = blockIdx.x / ${parts}u * ${tileColumns}u + threadIdx.x % ${tileColumns}u;
  const unsigned end = start + ${length}u < ${rows}u ? start + ${length}u : ${rows}u;
  float sum = 0;
  if (column < ${columns}u) {
    for (unsigned row = start + threadIdx.x / ${tileColumns}u; row < end; row += ${threads / tileColumns}u) {
      const unsigned i = row * ${columns}u + column;
${body}
      sum += result;
    }
  }
  shared[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x < ${tileColumns}u && column < ${columns}u) {
    for (unsigned other = 1; other < ${threads / tileColumns}u; ++other) sum += shared[threadIdx.x + other * ${tileColumns}u];
    o0[part * ${columns}u + column] = sum * F(${scale.toExponential(9)});
  }
`;
}

/** A block for each segment looks for its rows, in their order, so that sums have the same bits every time. */
function segmentSum(body: string, { rows, columns }: Size): string {
  const own = Math.ceil(columns / threads);
  return `  __shared__ unsigned found[${warps}];
  float sums[${own}] = {};
  for (unsigned start = 0; start < ${rows}u; start += ${threads}u) {
    const unsigned mine = start + threadIdx.x;
    const bool is = mine < ${rows}u && a0[mine] == static_cast<int>(blockIdx.x);
    if (!__syncthreads_or(is)) continue;
    const unsigned of = __ballot_sync(0xffffffffu, is);
    if (threadIdx.x % ${warp}u == 0) found[threadIdx.x / ${warp}u] = of;
    __syncthreads();
    for (unsigned w = 0; w < ${warps}; ++w) {
      for (unsigned rest = found[w]; rest != 0; rest &= rest - 1) {
        const unsigned row = start + w * ${warp}u + __ffs(rest) - 1;
        #pragma unroll
        for (unsigned k = 0; k < ${own}; ++k) {
          const unsigned column = threadIdx.x + k * ${threads}u;
          if (column < ${columns}u) {
            const unsigned i = row * ${columns}u + column;
${body}
            sums[k] += result;
          }
        }
      }
    }
    __syncthreads();
  }
  #pragma unroll
  for (unsigned k = 0; k < ${own}; ++k) {
    const unsigned column = threadIdx.x + k * ${threads}u;
    if (column < ${columns}u) o0[blockIdx.x * ${columns}u + column] = sums[k];
  }
`;
}

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** A warp has a row in its registers. */
function shortSoftmax(body: string, { rows, columns }: Size): string {
  const own = Math.ceil(columns / warp);
  return `  const unsigned row = blockIdx.x * ${warps}u + threadIdx.x / ${warp}u, lane = threadIdx.x % ${warp}u;
  if (row >= ${rows}u) return;
  float values[${own}];
  float maximum = -INFINITY;
  #pragma unroll
  for (unsigned k = 0; k < ${own}; ++k) {
    const unsigned column = lane + k * ${warp}u;
    if (column < ${columns}u) {
      const unsigned i = row * ${columns}u + column;
${body}
      values[k] = result;
      maximum = fmaxf(maximum, result);
    }
  }
  maximum = largestOfWarp(maximum);
  float sum = 0;
  #pragma unroll
  for (unsigned k = 0; k < ${own}; ++k) {
    if (lane + k * ${warp}u < ${columns}u) {
      values[k] = expf(values[k] - maximum);
      sum += values[k];
    }
  }
  const float factor = 1.0f / sumOfWarp(sum);
  #pragma unroll
  for (unsigned k = 0; k < ${own}; ++k) {
    const unsigned column = lane + k * ${warp}u;
    if (column < ${columns}u) o0[row * ${columns}u + column] = values[k] * factor;
  }
`;
}

/** A block reads a row twice, the second time from the cache: for its maximum and sum, and to write. */
function longSoftmax(body: string, { columns }: Size): string {
  const loop = (
    statements: string,
  ) => `  for (unsigned column = threadIdx.x; column < ${columns}u; column += ${threads}u) {
    const unsigned i = blockIdx.x * ${columns}u + column;
${body}
    ${statements}
  }
`;
  return `  __shared__ float shared[${warps}];
  float maximum = -INFINITY, sum = 0;
${loop(`if (result > maximum) {
      sum *= expf(maximum - result);
      maximum = result;
    }
    sum += result == -INFINITY && maximum == -INFINITY ? 0 : expf(result - maximum);`)}  const float largest = largestOfBlock(maximum, shared);
  sum = sumOfBlock(maximum == -INFINITY ? sum : sum * expf(maximum - largest), shared);
  const float factor = 1.0f / sum;
${loop('o0[i] = expf(result - largest) * factor;')}`;
}
