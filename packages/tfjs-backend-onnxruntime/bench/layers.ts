import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FitResult, NetworkName } from './networks.ts';

/*
 * pnpm bench:layers: model.fit of a dense and of a small convolutional network on handwritten digits, on this backend,
 * tfjs-cpu and wasm (which has no gradients of convolutions), with the same initial values and order. Prints a table in
 * Markdown; ends with 1 where accuracies differ by more than half a point or this backend is not fast enough.
 */

const cases: { network: NetworkName; train: number; epochs: number; backends: string[] }[] = [
  { network: 'dense', train: 4000, epochs: 2, backends: ['onnxruntime', 'wasm', 'cpu'] },
  { network: 'convolutional', train: 640, epochs: 1, backends: ['onnxruntime', 'cpu'] },
];
/** Times as fast as the other backend that this one must be. */
const wanted: Record<string, number> = { cpu: 10, wasm: 3 };
const largestDifference = 0.005;

console.log('| network | digits x epochs | backend | seconds | times | accuracy on 1000 others |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const { network, train, epochs, backends } of cases) {
  let ours: FitResult | undefined;
  for (const backend of backends) {
    const result = measure(backend, network, train, epochs);
    ours ??= result;
    const times = result.seconds / ours.seconds;
    const accuracy = `${(100 * result.accuracy).toFixed(1)} %`;
    console.log(
      `| ${network} | ${train} x ${epochs} | ${backend} | ${result.seconds.toFixed(2)} | ${times.toFixed(1)} | ${accuracy} |`,
    );
    if (backend === 'onnxruntime') continue;
    if (times < (wanted[backend] as number)) fail(`only ${times.toFixed(1)} times as fast as ${backend}`);
    if (Math.abs(result.accuracy - ours.accuracy) > largestDifference) fail(`accuracy differs from ${backend}'s`);
  }
}
console.log(`\nNode ${process.version}, ${availableParallelism()} cores; batches of 64, Adam.`);

function measure(backend: string, network: NetworkName, train: number, epochs: number): FitResult {
  const script = fileURLToPath(new URL('fit-one.ts', import.meta.url));
  const child = spawnSync(process.execPath, [...process.execArgv, script, backend, network, `${train}`, `${epochs}`], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`${backend}, ${network}: ended with ${child.status}\n${child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1) as string) as FitResult;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
