export { type ActivationRun, activationChart, renderActivationChart } from './activation-chart.ts';
export { formatPerplexity, perplexityChart, renderPerplexityChart } from './chart.ts';
export { evaluatedSteps, type ReportExtras, renderReport } from './report.ts';
export { type SampledRun, sampleLine, shownSamples } from './samples.ts';
