import type { NamedJob, ProgramIdentity } from '@dynact/comparison';
import type { RunIdentity, StudySettings } from './network-study.ts';

/** One run of a study, as plain data. */
export interface StudyJob extends NamedJob {
  readonly study: string;
  readonly identity: RunIdentity<StudySettings>;
  readonly directory: string;
  readonly resume: boolean;
  readonly threads: number;
  readonly program: ProgramIdentity;
}
