import { type Activation, createActivation } from '@dynact/activations/registry';
import { linear, linearParameters, type ParameterSpecification, type ParameterTensors } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { type ResolvedModelConfig, residualStandardDeviation } from '../config.ts';
import { plainHidden } from './hidden-width.ts';
import { type FeedForwardKind, feedForwardKinds } from './kinds.ts';

/** One layer's feed-forward block: what it owns and how it maps [rows, width] to [rows, width]. */
export interface FeedForwardBlock {
  readonly parameters: readonly ParameterSpecification[];
  readonly activation: Activation;
  apply(x: tf.Tensor2D, tensors: ParameterTensors): tf.Tensor2D;
  /** The activation's parameters by their own names, after reparametrisation. */
  activationValues(tensors: ParameterTensors): Record<string, tf.Tensor>;
}

/** The block of layer `layer`; its parameters are named `blocks.<layer>.feedForward...`. */
export function feedForwardBlock(config: ResolvedModelConfig, layer: number): FeedForwardBlock {
  const { width, bias, feedForward, initialization } = config;
  const override = feedForward.perLayer?.[layer];
  const kind: FeedForwardKind = feedForwardKinds[override?.kind ?? feedForward.kind];
  const hidden = kind.gated ? feedForward.hidden : plainHidden(feedForward.hidden);
  // Another kind in one layer brings its own activation: the block's setting is about the block's kind.
  const shared = override?.kind === undefined ? feedForward.activation : undefined;
  const { name, ...options } = override?.activation ?? configuredActivation(shared, kind);
  const activation = createActivation(name, options, { channels: hidden });

  const prefix = `blocks.${layer}.feedForward`;
  const standardDeviation = initialization.standardDeviation;
  const into = { inputs: width, outputs: hidden, standardDeviation, bias };
  const names = { up: `${prefix}.up`, gate: `${prefix}.gate`, down: `${prefix}.down` };
  const parameters: ParameterSpecification[] = [
    ...(kind.gated ? linearParameters(names.gate, into) : []),
    ...linearParameters(names.up, into),
    ...linearParameters(names.down, {
      inputs: hidden,
      outputs: width,
      standardDeviation: residualStandardDeviation(config),
      bias,
    }),
    ...activation.parameters.map(
      (parameter): ParameterSpecification => ({
        name: `${prefix}.activation.${parameter.name}`,
        shape: parameter.shape,
        group: 'activation',
        trainable: parameter.trainable,
        learningRateMultiplier: parameter.learningRateMultiplier,
        start: (uniform) => parameter.initialize(uniform),
      }),
    ),
  ];

  const activationTensors = (tensors: ParameterTensors): Record<string, tf.Tensor> =>
    Object.fromEntries(activation.parameters.map(({ name }) => [name, tensors.get(`${prefix}.activation.${name}`)]));

  return {
    parameters,
    activation,
    activationValues: (tensors) => activation.values(activationTensors(tensors)),
    apply(x, tensors) {
      const own = activationTensors(tensors);
      const up = linear(x, names.up, tensors);
      const middle = kind.gated ? activation.gate(linear(x, names.gate, tensors), up, own) : activation.apply(up, own);
      return linear(middle as tf.Tensor2D, names.down, tensors);
    },
  };
}

/** Options given without another name refine the kind's own activation, so that `dynactglu` with base mish stays one. */
function configuredActivation(
  configured: { name: string; [option: string]: unknown } | undefined,
  kind: FeedForwardKind,
): { name: string; [option: string]: unknown } {
  if (configured === undefined) return kind.activation;
  return configured.name === kind.activation.name ? { ...kind.activation, ...configured } : configured;
}
