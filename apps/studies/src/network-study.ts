import type { Compile, GradientTransform, Parameter } from '@dynact/nn';
import type { Metric } from '@dynact/runs/records';
import type * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Comparisons } from './study.ts';

/** Model and data of a run, whatever they are. */
export interface Experiment<Batch extends tf.TensorContainerObject = tf.TensorContainerObject> {
  /** Those that are not trainable (running statistics) are saved with the others. */
  readonly parameters: readonly Parameter[];
  readonly transform: GradientTransform;
  /** Examples of a batch. */
  readonly batchSize: number;
  /** Preparation that needs the initial values, once they are there. */
  prepare?(): Promise<void>;
  /** @param index from 0; the same index gives the same batch */
  batch(index: number): Batch;
  /** The mean training loss of a batch. */
  loss(batch: Batch): tf.Scalar;
  /** Figures over what was held out (a data set's test split, logged as `validation`), the study's metric among them. */
  evaluate(): Promise<{ readonly loss: number; readonly metrics: Readonly<Record<string, number>> }>;
  /** Values of each layer's activation parameters, which the caller disposes. */
  readonly activationValues: readonly (() => Record<string, tf.Tensor>)[];
}

/** One comparison of a study. */
export interface Part {
  /** Becomes a folder: `layers-25`. */
  readonly name: string;
  /** For people. */
  readonly dataset: string;
  readonly steps: number;
  /** The last step among them. */
  readonly evaluationSteps: readonly number[];
  readonly baseline: string;
  /** Everything that decides a variant, as JSON, by its name. */
  readonly variants: Readonly<Record<string, object>>;
}

/** One run of a part. */
export interface RunIdentity<Settings> {
  readonly settings: Settings;
  readonly part: string;
  readonly variant: string;
  readonly seed: number;
}

/** A study of networks that are trained step by step and judged by one figure of the test split. */
export interface NetworkStudy<Settings extends StudySettings = StudySettings> {
  readonly name: string;
  readonly claim: string;
  /** Choices of ours where the paper says nothing. */
  chosen(settings: Settings): string;
  readonly metric: Metric;
  /** Every value has a default: the size that two cores train. */
  readonly settings: z.ZodType<Settings>;
  /** Changed settings that show in seconds whether everything works. */
  readonly quick: Readonly<Record<string, unknown>>;
  /** Changed settings for the paper's size. */
  readonly full: Readonly<Record<string, unknown>>;
  /** Settings that say which runs there are, not how one goes: a folder may come to hold more of them. */
  readonly axes: readonly string[];
  parts(settings: Settings): readonly Part[];
  /** Makes what a run trains, with initial values. */
  experiment(run: RunIdentity<Settings>, compile: Compile): Promise<Experiment> | Experiment;
  describe(comparisons: Comparisons): string;
}

/** Settings that every study has. */
export interface StudySettings {
  readonly seeds: readonly number[];
}
