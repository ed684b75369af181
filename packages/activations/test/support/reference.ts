import type { Row, Values } from './rows.ts';

/** Derivatives of a row's float64 formula, by central differences. */
export class Reference {
  readonly row: Row;
  readonly points: readonly number[];

  constructor(row: Row, points: readonly number[]) {
    this.row = row;
    this.points = points;
  }

  value(index: number, values: Values = this.row.values ?? {}, points = this.points): number {
    return sum(this.row.terms(points[index]!, values, points));
  }

  /** S: the sum of the absolute values of the formula's terms. */
  scale(index: number): number {
    return sum(this.row.terms(this.points[index]!, this.row.values ?? {}, this.points).map(Math.abs));
  }

  /** d/dx_index of sum_i weights_i f(x_i), which for elementwise functions is weights_index f'(x_index) */
  slope(index: number, weights: readonly number[]): number {
    const step = 1e-6 * Math.max(1, Math.abs(this.points[index]!));
    const at = (x: number) => this.weighted(this.points.with(index, x), this.row.values, weights, index);
    const x = this.points[index]!;
    return (at(x + step) - at(x - step)) / (2 * step);
  }

  /** d/dvalue of sum_i weights_i f(x_i) */
  parameterSlope(name: string, weights: readonly number[]): number {
    const values = this.row.values!;
    const step = 1e-6;
    const at = (value: number) => this.weighted(this.points, { ...values, [name]: value }, weights);
    return (at(values[name]! + step) - at(values[name]! - step)) / (2 * step);
  }

  /** d/dx_index of sum_j d/dx_j sum_i f(x_i): what grad(grad(f)) gives, f'' for an elementwise function. */
  curvature(index: number): number {
    const step = 1e-4;
    const ones = this.points.map(() => 1);
    const moved = (one: number, all: number) => {
      const points = this.points.map((x, other) => x + all + (other === index ? one : 0));
      return this.weighted(points, this.row.values, ones, index);
    };
    return (moved(step, step) - moved(step, -step) - moved(-step, step) + moved(-step, -step)) / (4 * step * step);
  }

  private weighted(points: readonly number[], values: Values = {}, weights: readonly number[], only?: number): number {
    // Only one term of an elementwise function moves with its x; leaving the others out keeps their rounding out.
    const moving = only !== undefined && this.row.mixing !== true ? [only] : points.keys();
    let total = 0;
    for (const index of moving) total += weights[index]! * this.value(index, values, points);
    return total;
  }
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}
