// `pnpm generate`: writes what the code says of itself: JSON schemas, the page of options, the lines that a page points at.
import { writeFileSync } from 'node:fs';
import { generatedFiles } from '../test/house/generated.ts';

for (const { path, text } of generatedFiles()) {
  writeFileSync(path, text);
  console.log(path);
}
