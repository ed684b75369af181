/** Train, compare, sample and load runs, in a line each. What is wrong with an input is an InputError of one line. */
export { InputError } from '@dynact/files';
export { type CompareOptions, compare } from './compare.ts';
export { type LoadedRun, type LoadOptions, loadRun } from './load-run.ts';
export { claimRunFolder } from './run-folders.ts';
export { type SampleOptions, sample, streamSamples } from './sample.ts';
export { type Settings, withoutEvaluationSteps } from './settings.ts';
export { type TrainedRun, type TrainOptions, train } from './train.ts';
