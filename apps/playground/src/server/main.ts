/** `pnpm playground [port]`: serves the playground on this machine until it is stopped. */
import { report, wholeNumber } from '@dynact/command-line';
import { bundleSite } from './bundle.ts';
import { serve } from './serve.ts';

try {
  const { address } = await serve(await bundleSite(), wholeNumber(process.argv[2] ?? '0'));
  console.log(`playground: ${address} (stop with Ctrl+C)`);
} catch (error) {
  process.exitCode = report(error);
}
