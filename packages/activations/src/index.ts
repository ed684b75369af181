/** Activation functions for TensorFlow.js, fixed and trainable, with closed-form gradients. */
export type {
  Activation,
  ActivationContext,
  ActivationParameter,
  ParameterHints,
  ParameterOptions,
} from './activation.ts';
export { InputError } from './errors.ts';
export { type FixedName, fixedNames } from './fixed/curves.ts';
export * from './fixed/functions.ts';
export type { Parameter } from './rule.ts';
export { type ApaluOptions, apalu, apaluGlu, createApalu } from './trainable/apalu.ts';
export { createDynActivation, type DynActivationOptions, dynActGlu, dynActivation } from './trainable/dynactivation.ts';
export { createPrelu, type PreluOptions, prelu } from './trainable/prelu.ts';
export { createXielu, type XieluOptions, xielu } from './trainable/xielu.ts';
