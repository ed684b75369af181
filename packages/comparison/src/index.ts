export { assembleComparison } from './assemble.ts';
export { recordedConfiguration, withRecordedEvaluations } from './continued.ts';
export { describeComparison, describeSamples } from './describe.ts';
export type { Executor, FailedJob, Job, JobState } from './executors/executor.ts';
export { Processes } from './executors/processes.ts';
export { ComparisonFolder, inspectRuns } from './folder.ts';
export { type ComparisonPlan, type PlannedRun, planComparison } from './plan.ts';
export { tokenDigests } from './token-digests.ts';
export { missingJobs, trainAll } from './train-missing.ts';
