import { measureGates } from './gates.ts';

const figures = await measureGates(Number(process.argv[2] ?? 5));
for (const { gate, milliseconds, ratio } of figures) {
  console.log(`${gate.padEnd(12)} ${milliseconds.toFixed(2).padStart(8)} ms  ${ratio.toFixed(2)} x SwiGLU`);
}
