import { z } from 'zod';

/** A union told apart by `name`, which may be left out for one of its members: `{ learningRate: 1 }` is an adamw. */
export function withDefaultName<Schema extends z.ZodDiscriminatedUnion>(
  name: string,
  schema: Schema,
): z.ZodPrefault<z.ZodPreprocess<Schema>> {
  const isUnnamed = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, 'name');
  return z.preprocess((value) => (isUnnamed(value) ? { name, ...value } : value), schema).prefault({});
}
