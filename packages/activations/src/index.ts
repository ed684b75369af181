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
export { OwnedActivation, type OwnedParameter, type SerialisedActivation } from './owned.ts';
export type { Parameter } from './rule.ts';
export { type AconCOptions, aconC, createAconC } from './trainable/acon-c.ts';
export { type ApaluOptions, apalu, apaluGlu, createApalu } from './trainable/apalu.ts';
export { type AplOptions, apl, createApl } from './trainable/apl.ts';
export { createDynActivation, type DynActivationOptions, dynActGlu, dynActivation } from './trainable/dynactivation.ts';
export {
  createExpanded,
  type ExpandedOptions,
  xatglu,
  xatlu,
  xgeglu,
  xgelu,
  xsilu,
  xswiglu,
} from './trainable/expanded.ts';
export { createLinComb, type LinCombOptions, linComb } from './trainable/lincomb.ts';
export { createPau, type PauOptions, pau } from './trainable/pau.ts';
export { createPelu, type PeluOptions, pelu } from './trainable/pelu.ts';
export { createPolyNorm, type PolyNormOptions, polyNorm } from './trainable/polynorm.ts';
export { createPolyRelu, type PolyReluOptions, polyRelu } from './trainable/polyrelu.ts';
export { createPrelu, type PreluOptions, prelu } from './trainable/prelu.ts';
export {
  createRelun,
  createShilu,
  createStarRelu,
  type RelunOptions,
  relun,
  type ShiluOptions,
  type StarReluOptions,
  shilu,
  starRelu,
} from './trainable/rectified.ts';
export { createScaledSoftSign, type ScaledSoftSignOptions, scaledSoftSign } from './trainable/scaled-softsign.ts';
export { createSrelu, type SreluOptions, srelu } from './trainable/srelu.ts';
export { createSwishBeta, type SwishBetaOptions, swishBeta } from './trainable/swish-beta.ts';
export { coslu, createWave, sinlu, type WaveOptions } from './trainable/wave.ts';
export { createXielu, type XieluOptions, xielu } from './trainable/xielu.ts';
