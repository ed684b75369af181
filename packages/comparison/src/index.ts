export { assembleComparison, type FinishedRun } from './assemble.ts';
export { describeComparison, describeSamples } from './describe.ts';
export { ComparisonFolder } from './folder.ts';
export { type ComparisonPlan, type PlannedRun, planComparison } from './plan.ts';
export { type NamedJob, runJobs } from './run-jobs.ts';
