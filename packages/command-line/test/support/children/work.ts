/** Works until a signal stops it, then saves. Arguments: variables of the environment as JSON; `slow` never gets to saving. */
import { setInterval, setTimeout } from 'node:timers/promises';
import { Interrupted, interruptSignal, outliveReaders, report } from '../../../src/index.ts';

outliveReaders();
Object.assign(process.env, JSON.parse(process.argv[2]!));
const { signal, release } = interruptSignal();
console.log('working');
try {
  for await (const _ of setInterval(10)) {
    process.stderr.write('a step\n');
    if (signal.aborted) break;
  }
  if (process.argv[3] === 'slow') await setTimeout(60_000);
  // Written after the pipe of stderr was closed, where it is.
  for (let line = 0; line < 3; line += 1) {
    process.stderr.write('saving\n');
    await setTimeout(10);
  }
  console.log('saved');
  throw new Interrupted('stopped');
} catch (error) {
  process.exitCode = report(error);
} finally {
  release();
}
