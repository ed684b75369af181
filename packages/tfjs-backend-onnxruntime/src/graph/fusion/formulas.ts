/** Elementwise operators as expressions that C and JavaScript read alike; `a` and `b` are variables. */
export const formulas: Readonly<Record<string, (...operands: string[]) => string>> = {
  Add: (a, b) => `${a} + ${b}`,
  Sub: (a, b) => `${a} - ${b}`,
  Mul: (a, b) => `${a} * ${b}`,
  Div: (a, b) => `${a} / ${b}`,
  Sum: (...terms) => terms.join(' + '),
  Neg: (a) => `-${a}`,
  Sqrt: (a) => `sqrtf(${a})`,
  Reciprocal: (a) => `reciprocal(${a})`,
  Exp: (a) => `expf(${a})`,
  Log: (a) => `logf(${a})`,
  Tanh: (a) => `tanhf(${a})`,
  Atan: (a) => `atanf(${a})`,
  Sin: (a) => `sinf(${a})`,
  Cos: (a) => `cosf(${a})`,
  Erf: (a) => `erff(${a})`,
  Sigmoid: (a) => `sigmoid(${a})`,
  Abs: (a) => `fabsf(${a})`,
  // A comparison with NaN is false, so that NaN stays what it is.
  Relu: (a) => `${a} < 0 ? 0 : ${a}`,
  Max: (a, b) => `${a} != ${a} || ${a} > ${b} ? ${a} : ${b}`,
  Min: (a, b) => `${a} != ${a} || ${a} < ${b} ? ${a} : ${b}`,
};

/** Terms of a sum that one expression has at most. */
const mostTerms = 64;

/** Operators with exactly two operands. */
const binary = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min']);

/** Whether an operator with so many operands has a formula. */
export function hasFormula(op: string, operands: number): boolean {
  if (!(op in formulas)) return false;
  return op === 'Sum' ? operands > 0 && operands <= mostTerms : operands === (binary.has(op) ? 2 : 1);
}

/** Functions that the formulas call, in C for CUDA. */
export const functionsInC = `
static __device__ __forceinline__ float reciprocal(float a) { return 1.0f / a; }
static __device__ __forceinline__ float sigmoid(float a) { return 1.0f / (1.0f + expf(-a)); }
#define quotient(a, b) ((a) / (b))
`;
