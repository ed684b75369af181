/** Writes records and checkpoints of a run without end; every value of step s is s, so that a mixture is noticed. */
import { openRunFolder } from '../../../src/index.ts';
import { checkpointOf, trainRecord } from '../values.ts';

const folder = openRunFolder(process.argv[2]!);
const first = folder.records().length + 1;
for (let step = first; ; step += 1) {
  folder.append(trainRecord(step));
  folder.writeCheckpoint(step, checkpointOf(step));
  folder.pruneCheckpoints({ keep: 2 });
  if (step === first + 2) console.log('writing');
}
