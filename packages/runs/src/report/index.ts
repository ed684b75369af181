export { type ActivationRun, activationChart, renderActivationChart } from './activation-chart.ts';
export { logarithmicTicks } from './chart-axes.ts';
export { comparisonChart, renderComparisonChart } from './comparison-chart.ts';
export { renderDifferencesChart } from './differences-chart.ts';
export { type ReportExtras, renderReport } from './report.ts';
export { type SampledRun, sampleLine, shownSamples } from './samples.ts';
export { evaluationTable, pairedTable, type Table } from './tables.ts';
