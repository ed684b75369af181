import { InputError } from '@dynact/files';
import { apaluImages } from '../apalu-images/study.ts';
import { attentionCnn } from '../attention-cnn/study.ts';
import { deepSvdd } from '../deep-svdd/study.ts';
import { depth } from '../depth/study.ts';
import { fgsm } from '../fgsm/study.ts';
import { languageGates } from '../language-gates/study.ts';
import { regression } from '../regression/study.ts';
import type { NetworkStudy } from './network-study.ts';
import { runnable } from './run-network-study.ts';
import type { Study } from './study.ts';

/** Studies of networks that are trained step by step. */
const networkStudies: readonly NetworkStudy[] = [depth, fgsm, attentionCnn, apaluImages, deepSvdd, regression];

/** Every study. */
export const studies: readonly Study[] = [...networkStudies.map(runnable), languageGates];

/** @throws InputError when there is none of that name */
export function findNetworkStudy(name: string): NetworkStudy {
  const found = networkStudies.find((study) => study.name === name);
  if (found !== undefined) return found;
  throw new InputError('usage', `there is no study ${name}`);
}
