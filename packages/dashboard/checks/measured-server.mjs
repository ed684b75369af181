// The built server in a process of its own, as it runs where it is installed, for measure.ts and training-cost.ts: prints its address.
import { startDashboard } from '@dynact/dashboard';

const [folder = '.'] = process.argv.slice(2);
const { address } = await startDashboard({ folders: [folder], port: 0 });
console.log(address);
