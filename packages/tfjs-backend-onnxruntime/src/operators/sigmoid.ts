import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { log1p } from './log1p.ts';

/*
 * The sigmoid and the softplus to float32's accuracy relative to the value: e^-|x| is never lost beside a 1. Kernels that are
 * called with the attribute `accuracy: 'absolute'` (gates, which multiply a value) take the one operator that ONNX Runtime
 * has instead, off by up to 1e-7 absolute.
 */

/** A value that is the sigmoid of x, or of -x, so that 1 - value and log(value) need not be taken from it. */
interface Logit {
  readonly x: Value;
  readonly isNegated: boolean;
}

const logits = new WeakMap<Value, Logit>();

/** 1 / (1 + e^-x), or with `isNegated` 1 / (1 + e^x). */
export function sigmoid(builder: GraphBuilder, x: Value, isNegated = false): Value {
  const result = builder.differs('sigmoidUnderflows')
    ? fromTail(builder, x, isNegated)
    : builder.unary('Sigmoid', isNegated ? builder.unary('Neg', x) : x);
  logits.set(result, { x, isNegated });
  return result;
}

/** log(1 + e^x), or with `isNegated` log(1 + e^-x). */
export function softplus(builder: GraphBuilder, x: Value, isNegated = false): Value {
  const above = builder.binary('Max', isNegated ? builder.unary('Neg', x) : x, builder.scalar(0, 'float32'));
  return builder.binary('Add', above, log1p(builder, tail(builder, x)));
}

/** 1 - value, for a pending sigmoid; where `isOne` says so. */
export function complement(builder: GraphBuilder, value: Value, isOne: () => boolean): Value | undefined {
  const logit = logitOf(value);
  return logit && isOne() ? sigmoid(builder, logit.x, !logit.isNegated) : undefined;
}

/** The logarithm of a pending sigmoid. */
export function logOfSigmoid(builder: GraphBuilder, value: Value): Value | undefined {
  const logit = logitOf(value);
  return logit && builder.unary('Neg', softplus(builder, logit.x, !logit.isNegated));
}

/** Computed sigmoids are tensors like others: what they were computed from may be gone. */
function logitOf(value: Value): Logit | undefined {
  return value.kind === 'pending' ? logits.get(value) : undefined;
}

function fromTail(builder: GraphBuilder, x: Value, isNegated: boolean): Value {
  const [zero, one] = [builder.scalar(0, 'float32'), builder.scalar(1, 'float32')];
  const small = tail(builder, x);
  const isBelow = builder.binary('Less', x, zero, 'bool');
  const numerator = isNegated ? builder.where(isBelow, one, small) : builder.where(isBelow, small, one);
  return builder.binary('Div', numerator, builder.binary('Add', one, small));
}

/** e^-|x| */
function tail(builder: GraphBuilder, x: Value): Value {
  return builder.unary('Exp', builder.unary('Neg', builder.unary('Abs', x)));
}
