/** Makes a run folder with one checkpoint and a summary. */
import { createRunFolder } from '../../../src/index.ts';
import { checkpointOf, runConfig, trainRecord } from '../values.ts';

const run = createRunFolder(process.argv[2]!, runConfig);
run.append(trainRecord(1));
run.writeCheckpoint(1, checkpointOf(1));
run.close();
