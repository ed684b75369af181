// `pnpm schemas`: writes the JSON schemas of configurations and dataset definitions beside the packages that read them.
import { writeFileSync } from 'node:fs';
import { jsonSchemas } from '../test/house/json-schemas.ts';

for (const { path, text } of jsonSchemas()) {
  writeFileSync(path, text);
  console.log(path);
}
