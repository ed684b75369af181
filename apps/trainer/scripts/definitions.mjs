// The definitions of corpora lie in the root of the clone; the packed trainer brings them with it. Called by npm's prepack
// (bring) and postpack (remove).
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const clone = fileURLToPath(new URL('../../../datasets/', import.meta.url));
const packed = fileURLToPath(new URL('../datasets/', import.meta.url));

rmSync(packed, { recursive: true, force: true });
if (process.argv[2] === 'bring') {
  for (const name of readdirSync(clone)) if (name.endsWith('.json')) cpSync(`${clone}${name}`, `${packed}${name}`);
}
