import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import type { FuzzTarget } from '../../../test/fuzz/target.ts';
import { decodePicture, readIdx, readTable } from '../src/index.ts';

const kind = 'pictures and tables';
const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, place) => (place * 37) % 256);
const colored = encodePng({ width: 16, height: 16, data: pixels, channels: 3 });
const grey = encodePng({ width: 8, height: 8, data: pixels.subarray(0, 64), channels: 1 });
const photograph = encodeJpeg({ width: 16, height: 16, data: Buffer.alloc(16 * 16 * 4, 120) }, 90).data;
const idx = Buffer.concat([Buffer.from([0, 0, 8, 2, 0, 0, 0, 4, 0, 0, 0, 3]), Buffer.alloc(12, 7)]);

function file(name: string, samples: readonly Uint8Array[], read: (path: string) => unknown): FuzzTarget {
  return {
    ...{ kind, name, samples },
    read(input, folder) {
      const path = join(folder, 'input');
      writeFileSync(path, input);
      read(path);
    },
  };
}

export const targets: readonly FuzzTarget[] = [
  { kind, name: 'picture', samples: [colored, grey, photograph], read: (input) => void decodePicture(input, 'input') },
  file('idx', [idx, gzipSync(idx)], readIdx),
  file('table', [Buffer.from('a,b\n1,2\n3,4.5\n'), Buffer.from('1 2 3\n4 5 6\n')], readTable),
];
