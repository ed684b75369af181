// A process that trains one run of a study.

import { serveJob } from '@dynact/comparison';
import { findNetworkStudy } from './studies.ts';
import type { StudyJob } from './study-job.ts';
import { trainStudyJob } from './train-job.ts';

serveJob((job: StudyJob, surroundings) => trainStudyJob(findNetworkStudy(job.study), job, surroundings));
