// A server in a process of its own, for measure.ts and training-cost.ts: prints its address.
import { startDashboard } from '../src/index.ts';

const [folder = '.'] = process.argv.slice(2);
const { address } = await startDashboard({ folders: [folder], port: 0 });
console.log(address);
