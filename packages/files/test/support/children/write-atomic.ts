/** Replaces a file without end by contents of one repeated letter each, half a megabyte. */
import { writeFileAtomic } from '../../../src/index.ts';

const path = process.argv[2]!;
for (let round = 0; ; round += 1) {
  writeFileAtomic(path, String.fromCharCode(97 + (round % 26)).repeat(500_000));
  if (round === 3) console.log('writing');
}
