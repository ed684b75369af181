// The package is `type: module`; this says that dist/commonjs is not.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('../dist/commonjs/package.json', import.meta.url), `${JSON.stringify({ type: 'commonjs' })}\n`);
