import {
  createEvaluationWindows,
  createTokenizer,
  createTrainingBatches,
  type TokenizedText,
  type Tokenizer,
  tokenCounts,
  tokenizeText,
  tokensInMemory,
  unigramPerplexity,
} from '@dynact/data/tokens';
import { InputError } from '@dynact/files/input-error';
import type { CheckpointContent } from '@dynact/runs/format';
import type { EvaluationRecord, MetricsRecord } from '@dynact/runs/records';
import {
  activationRecords,
  type Config,
  captureTraining,
  Diverged,
  Divergence,
  Evaluator,
  initialRunState,
  Learner,
  MicroBatches,
  type RunState,
  restoreTraining,
} from '@dynact/training/learning';
import { countModel, Gpt, resolveModelConfig } from '@dynact/transformer';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as tf from '@tensorflow/tfjs-core';
import { type AttentionMaps, attentionMaps } from './attention.ts';
import { useGraphics } from './backends.ts';

/** A checkpoint as a run folder holds it. */
export interface SavedCheckpoint extends CheckpointContent {
  readonly step: number;
}

interface Beginning {
  readonly config: Config;
  readonly text: string;
  /** Goes on from here instead of from new weights. */
  readonly checkpoint?: SavedCheckpoint | undefined;
}

/** Facts of a run that is ready to train. */
export interface Begun {
  readonly step: number;
  readonly parameters: number;
  readonly flopsPerToken: number;
  /** Loss of the validation split under the token frequencies of the training split, in nats. */
  readonly unigramLoss: number;
  readonly trainingTokens: number;
  /** sha256 of the splits, as config.json has them. */
  readonly digests: { readonly train: string; readonly validation: string };
}

/** Everything of one run. */
interface Run {
  readonly config: Config;
  readonly tokenizer: Tokenizer;
  readonly learner: Learner;
  readonly microBatches: MicroBatches;
  readonly evaluator: Evaluator;
  readonly divergence: Divergence;
  readonly state: RunState;
  readonly tokensPerStep: number;
}

let current: Run | undefined;
let starting: Promise<void> | undefined;

/** Trains one GPT in a worker. */
export const trainer = {
  /** Makes a run ready. @throws InputError for a configuration, a text or a checkpoint that does not fit */
  async begin({ config, text, checkpoint }: Beginning): Promise<Begun> {
    starting ??= useGraphics();
    await starting;
    current?.learner.dispose();
    current = undefined;
    const { encoding, vocabSize } = config.dataset;
    const tokenizer = await createTokenizer({ encoding, vocabularySize: vocabSize });
    const tokens = tokenizeText(text, tokenizer);
    current = runOf(config, tokenizer, tokens, checkpoint);
    const { parameters, flopsPerToken } = countModel(current.learner.model.config);
    const counted = (split: 'train' | 'validation') => tokenCounts(tokens[split], vocabSize);
    return {
      step: current.state.step,
      parameters,
      flopsPerToken,
      unigramLoss: Math.log(unigramPerplexity(counted('train'), counted('validation'))),
      trainingTokens: tokens.train.length,
      digests: { train: digest(tokens.train), validation: digest(tokens.validation) },
    };
  },

  /** One optimizer step. @param watches whether the activations' parameters are read too @returns the step's records */
  async step(watches: boolean): Promise<MetricsRecord[]> {
    const { learner, microBatches, divergence, state, tokensPerStep } = theRun();
    const step = state.step + 1;
    const before = performance.now();
    const result = await learner.trainStep.run(step, microBatches.of(step));
    const elapsed = performance.now() - before;
    state.step = step;
    state.elapsedMs += elapsed;
    await divergence.check(result, microBatches.of(step)).catch(explainDivergence);
    const { loss, gradientNorm } = result;
    const learningRate = learner.learningRate(step);
    const tokensPerSecond = tokensPerStep / (elapsed / 1000);
    const record = { kind: 'train', ...position(), loss, learningRate, gradientNorm, tokensPerSecond } as const;
    return [record, ...(watches ? await activationRecords(learner.activationValues, step) : [])];
  },

  /** The loss over the validation split's first batches. */
  async evaluate(): Promise<EvaluationRecord> {
    const { evaluator, config } = theRun();
    const { loss, metrics } = await evaluator.evaluate(config.training.evaluation.batches);
    return { kind: 'evaluation', ...position(), split: 'validation', loss, metrics };
  },

  /** The weights to use, the optimizer's state and the position: what a checkpoint holds. */
  async capture(): Promise<CheckpointContent> {
    const { learner, state } = theRun();
    return captureTraining(learner, state);
  },

  /** How each head of a layer looks at a text. */
  async attention(layer: number, text: string): Promise<AttentionMaps> {
    const { learner, tokenizer } = theRun();
    return attentionMaps(learner.evaluated, tokenizer, layer, text);
  },

  memory() {
    const { numTensors, numBytes } = tf.memory();
    return { numTensors, numBytes, backend: tf.getBackend() };
  },
};

export type Trainer = typeof trainer;

function theRun(): Run {
  if (current === undefined) throw new Error('no run has begun');
  return current;
}

function position(): { step: number; tokens: number; elapsedMs: number } {
  const { state, tokensPerStep } = theRun();
  return { step: state.step, tokens: state.step * tokensPerStep, elapsedMs: state.elapsedMs };
}

function runOf(config: Config, tokenizer: Tokenizer, tokens: TokenizedText, checkpoint?: SavedCheckpoint): Run {
  const { seed, training } = config;
  const { batchSize, gradientAccumulation: perStep } = training;
  const modelConfig = resolveModelConfig(config.model, config.dataset.vocabSize);
  const { context } = modelConfig;
  const batches = createTrainingBatches({ tokens: tokensInMemory(tokens.train), context, batchSize, seed });
  const windows = createEvaluationWindows({ tokens: tokensInMemory(tokens.validation), context });
  const model = new Gpt(modelConfig, seed);
  const learner = new Learner(model, training);
  try {
    const state =
      checkpoint === undefined ? initialRunState() : restoreTraining(learner, { ...checkpoint, ...saved(checkpoint) });
    return {
      config,
      tokenizer,
      learner,
      microBatches: new MicroBatches(batches, model, { seed, perStep }),
      evaluator: new Evaluator({ model: learner.evaluated, windows, tokenizer, batchSize }),
      divergence: new Divergence(learner, state, training.divergence.lossRise),
      state,
      tokensPerStep: batchSize * perStep * context,
    };
  } catch (error) {
    learner.dispose();
    throw error;
  }
}

function explainDivergence(error: unknown): never {
  if (!(error instanceof Diverged)) throw error;
  const advice = 'choose a lower learning rate and press reset';
  const first = error.parameters.length === 0 ? 'the loss' : error.parameters.join(', ');
  throw new InputError('configuration', `training has diverged, first in ${first}: ${advice}`);
}

/** Names the checkpoint in messages. */
function saved({ step, state }: SavedCheckpoint) {
  return { directory: `step ${step}`, state: { ...state, step } };
}

function digest(ids: Uint16Array | Uint32Array): string {
  return bytesToHex(sha256(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)));
}
