import { join } from 'node:path';
import { datasetDefinitionJsonSchema } from '../../packages/data/src/definition.ts';
import { configJsonSchema } from '../../packages/training/src/config/json-schema.ts';

const root = join(import.meta.dirname, '..', '..');

/** The JSON schemas that editors complete files by: where each lies in the packages, and its text as the code has it now. */
export function jsonSchemas(): { readonly path: string; readonly text: string }[] {
  return [
    { path: 'packages/training/config.schema.json', schema: configJsonSchema() },
    { path: 'packages/data/dataset.schema.json', schema: datasetDefinitionJsonSchema() },
  ].map(({ path, schema }) => ({ path: join(root, path), text: `${JSON.stringify(schema, null, 2)}\n` }));
}
