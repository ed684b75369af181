/** `pnpm --filter @dynact/activations playground`: serves the playground on this machine until it is stopped. */
import { servePlayground } from './playground/serve.ts';

const { address } = await servePlayground(Number(process.argv[2] ?? 0));
console.log(`playground: ${address} (stop with Ctrl+C)`);
