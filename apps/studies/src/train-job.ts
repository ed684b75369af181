import { runEnvironment, selectBackend } from '@dynact/backends';
import type { JobSurroundings } from '@dynact/comparison';
import { InputError } from '@dynact/files';
import type { NetworkStudy, StudySettings } from './network-study.ts';
import type { StudyJob } from './study-job.ts';
import { trainExperiment } from './train-experiment.ts';

/** Trains one run of a study of networks. */
export async function trainStudyJob<Settings extends StudySettings>(
  study: NetworkStudy<Settings>,
  job: StudyJob,
  { signal, onEvent }: JobSurroundings,
): Promise<void> {
  const { identity, directory, resume, threads, program } = job;
  const settings = study.settings.parse(identity.settings);
  const part = study.parts(settings).find(({ name }) => name === identity.part);
  if (part === undefined) throw new InputError('configuration', `${job.study} has no part ${identity.part}`);
  const selected = await selectBackend({ name: 'auto', device: 'cpu', threads }, 'train');
  const { compile } = selected;
  const experiment = await study.experiment({ ...identity, settings }, compile);
  for (const parameter of experiment.parameters) parameter.create(identity.seed);
  await experiment.prepare?.();
  const config = {
    ...runEnvironment(selected, program),
    config: JSON.parse(JSON.stringify({ study: job.study, ...identity })),
  };
  const checkpointEvery = Math.max(50, Math.ceil(part.steps / 4));
  await trainExperiment(experiment, { part, directory, resume, config, compile, checkpointEvery, onEvent, signal });
}
