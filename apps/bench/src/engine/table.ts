import { textTable } from '@dynact/command-line';
import type { EngineRow } from './compare.ts';
import type { Absent } from './contenders.ts';
import type { ModelName, Place, Workload } from './models.ts';

/** The comparison for people. @param place of all of them, and ours alone @param rows onnxruntime first */
export function engineTable(
  model: ModelName,
  workload: Workload,
  { device, tf32 }: Place,
  rows: readonly EngineRow[],
  absent: readonly Absent[],
): string {
  const { vocabSize, width, layers, heads, context, batchSize, productSize: size } = workload.shape;
  const [ours] = rows as [EngineRow];
  const outside = ours.training?.outsideRuntime ?? 0;
  const trained = rows.filter(({ training }) => training !== null);
  const training = textTable([
    [
      'training step',
      'ms',
      'tokens/s',
      'speed',
      'GFLOP/s',
      'product',
      'ratio',
      'bare product',
      'ratio',
      device.startsWith('cuda') ? 'GPU MB' : 'peak MB',
      'loss differs by',
    ],
    ...trained.map(({ label, training, relativeSpeed, lossDifference, note, ...row }) => [
      label,
      training!.stepMilliseconds.toFixed(1),
      training!.tokensPerSecond.toFixed(0),
      times(relativeSpeed!),
      training!.modelGflops.toFixed(1),
      row.gemmGflops.toFixed(1),
      training!.ratio.toFixed(3),
      row.bareGemmGflops.toFixed(1),
      training!.bareRatio.toFixed(3),
      row.peakResidentMegabytes.toFixed(0),
      lossDifference === null ? note : lossDifference === 0 ? '0' : lossDifference.toExponential(0),
    ]),
  ]);
  const forward = textTable([
    ['forward pass', 'ms', 'tokens/s', 'speed'],
    ...rows.map(({ label, forwardMilliseconds, forwardTokensPerSecond, relativeForwardSpeed, training, note }) => [
      label,
      forwardMilliseconds.toFixed(1),
      forwardTokensPerSecond.toFixed(0),
      times(relativeForwardSpeed),
      training === null ? note : '',
    ]),
  ]);
  return [
    `model ${model}: V ${vocabSize}, width ${width}, ${layers} layers, ${heads} heads, context ${context}, batch ${batchSize}, ` +
      `${workload.feedForward}, AdamW; ${ours.threads} threads${device === 'cpu' ? '' : `, on ${device}`}${device.startsWith('cuda') && !tf32 ? ' in fp32' : ''}`,
    `medians of ${ours.runs.length} processes in turns, ${workload.steps} steps each; product: GFLOP/s of ${size} x ${size} x ${size} in the same`,
    'process, as a new tensor; bare: without the time to hand it out',
    '',
    training,
    '',
    forward,
    '',
    `onnxruntime: ${(100 * outside).toFixed(1)} % of the step outside its run call`,
    ...absent.map(({ label, reason }) => `not measured: ${label}: ${reason}`),
  ].join('\n');
}

/** Speed as a multiple of onnxruntime's: two decimals, three digits where it is small. */
function times(value: number): string {
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}
