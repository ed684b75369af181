import { onnxRuntime } from '../../src/runtime/library.ts';
import { loadKoffi } from '../../src/runtime/native-files.cjs';

/* large-block.ts: prints by how many bytes a block of 4 MiB raises what glibc has mapped, after a larger one was freed. */

onnxRuntime();
const koffi = loadKoffi();
const process = koffi.load(null);
const names = [
  'arena',
  'ordblks',
  'smblks',
  'hblks',
  'hblkhd',
  'usmblks',
  'fsmblks',
  'uordblks',
  'fordblks',
  'keepcost',
];
koffi.struct('mallinfo2', Object.fromEntries(names.map((name) => [name, 'size_t'])));
const information = process.func('mallinfo2 mallinfo2()');
const allocate = process.func('void *malloc(size_t bytes)');
const free = process.func('void free(void *block)');
free(allocate(8 * 2 ** 20));
const { hblkhd: before } = information();
const block = allocate(2 ** 22);
const { hblkhd: after } = information();
free(block);
console.log(Number(after) - Number(before));
