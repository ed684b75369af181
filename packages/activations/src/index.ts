/** Activation functions for TensorFlow.js, fixed and trainable, with closed-form gradients. */
export type { Activation, ActivationContext, ActivationParameter, ParameterOptions } from './activation.ts';
export * from './activations.ts';
export { type ActivationDefinition, defineActivation } from './define-activation.ts';
export type { ActivationCreator, ActivationDocumentation } from './definition.ts';
export { InputError } from './errors.ts';
export type { FixedActivation, FixedGate } from './fixed/base.ts';
export { createFixed, type FixedName, fixedNames } from './fixed/bases.ts';
export { OwnedActivation, type SerializedActivation } from './owned.ts';
export type { NumberOrTensor } from './rule.ts';
