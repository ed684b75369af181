import { add, exp, expm1, minimum, relu } from '../operations.ts';
import type { Curve } from './curve.ts';

/** x where x > 0, else e^x - 1 (arXiv 1511.07289, alpha 1). The WebGL backend's own elu loses NaN. */
export const eluCurve: Curve = {
  forward: (x) => ({ value: add(relu(x), expm1(minimum(x, 0))), reuse: [] }),
  slope: (x) => exp(minimum(x, 0)),
};
