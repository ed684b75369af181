// A process that trains one run of a comparison, so that a native crash costs one run, and several can train at a time.

import { serveJob } from './serve-job.ts';
import { trainJob } from './train-job.ts';

serveJob(trainJob);
