import type { EvaluationPoint, MetricsRecord, Summary } from '@dynact/runs/records';
import { countModel, type ResolvedModelConfig } from '@dynact/transformer';
import { median } from 'simple-statistics';

/** Contents of summary.json, for a run that is over. */
export function summarize(
  status: Summary['status'],
  progress: { step: number; tokens: number; best: EvaluationPoint | null },
  records: readonly MetricsRecord[],
  modelConfig: ResolvedModelConfig,
): Summary {
  const evaluation = records.findLast((record) => record.kind === 'evaluation');
  const whole = records.findLast((record) => record.kind === 'whole-split');
  const { flopsPerToken, parameters, activationParameters } = countModel(modelConfig);
  const speeds = records.filter((record) => record.kind === 'train').map((record) => record.tokensPerSecond);
  return {
    status,
    step: progress.step,
    tokens: progress.tokens,
    final: evaluation === undefined ? null : point(evaluation),
    best: progress.best,
    // An earlier one is of a run that was shorter then.
    wholeSplit: whole?.step === progress.step ? point(whole) : null,
    // A run may diverge before its first step is recorded.
    tokensPerSecond: speeds.length === 0 ? 0 : median(speeds),
    parameters,
    activationParameters,
    flopsPerToken,
  };
}

function point({ step, loss, metrics }: EvaluationPoint): EvaluationPoint {
  return { step, loss, metrics };
}
