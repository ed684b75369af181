import { InputError, readText } from '@dynact/files';
import { createEpochOrder } from './epoch-order.ts';

/** Rows of numbers; the last one of each is what is to be told from the others. */
export interface NumberTable {
  readonly features: number;
  /** [rows, features] */
  readonly inputs: Float64Array;
  /** [rows] */
  readonly targets: Float64Array;
}

/**
 * Reads a table: a row a line, numbers with commas, semicolons or white space between; a first line of names is skipped.
 * @throws InputError for a row of another length, or something that is no number
 */
export function readTable(path: string): NumberTable {
  const lines = readText(path, 'name a table of numbers')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const rows = lines.map((line) => line.split(/[\s,;]+/));
  const isHead = rows[0]?.every((cell) => !Number.isFinite(Number(cell))) ?? false;
  return tableOf(isHead ? rows.slice(1).map((row) => row.map(Number)) : rows.map((row) => row.map(Number)), path);
}

/**
 * @param name for errors
 * @throws InputError for a row of another length, or a value that is no number
 */
export function tableOf(rows: readonly (readonly number[])[], name: string): NumberTable {
  const columns = rows[0]?.length ?? 0;
  if (columns < 2) throw new InputError('dataset', `${name}: a row needs a feature and a target`);
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns)
      throw new InputError('dataset', `${name}: row ${index + 1} has ${row.length} values, the first has ${columns}`);
    if (!row.every(Number.isFinite)) throw new InputError('dataset', `${name}: row ${index + 1} holds no number`);
  }
  return {
    features: columns - 1,
    inputs: Float64Array.from(rows.flatMap((row) => row.slice(0, -1))),
    targets: Float64Array.from(rows, (row) => row.at(-1)!),
  };
}

/** A table in two parts, with features and target of mean 0 and deviation 1 over the training part. */
export interface TableSplit {
  readonly train: { readonly inputs: Float32Array; readonly targets: Float32Array };
  readonly test: { readonly inputs: Float32Array; readonly targets: Float32Array };
  /** Unit of the targets: what a difference of 1 was before. */
  readonly targetDeviation: number;
}

/** Splits a table at random, by the seed, and standardizes it by the training part. */
export function splitTable(table: NumberTable, seed: number, trainShare = 0.9): TableSplit {
  const { features, inputs, targets } = table;
  const count = targets.length;
  const order = createEpochOrder(count, seed);
  const places = Array.from({ length: count }, (_, sample) => order(sample));
  const boundary = Math.round(trainShare * count);
  const ofTrain = places.slice(0, boundary);
  const columns = Array.from({ length: features }, (_, feature) =>
    standardizer(ofTrain.map((place) => inputs[place * features + feature]!)),
  );
  const target = standardizer(ofTrain.map((place) => targets[place]!));
  const part = (rows: readonly number[]) => ({
    inputs: Float32Array.from(
      rows.flatMap((place) => columns.map(({ apply }, feature) => apply(inputs[place * features + feature]!))),
    ),
    targets: Float32Array.from(rows, (place) => target.apply(targets[place]!)),
  });
  return { train: part(ofTrain), test: part(places.slice(boundary)), targetDeviation: target.deviation };
}

function standardizer(values: readonly number[]): { deviation: number; apply: (value: number) => number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance) || 1;
  return { deviation, apply: (value) => (value - mean) / deviation };
}
