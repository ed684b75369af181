import { checkNeed } from '@dynact/backends';
import { warn } from '@dynact/command-line';

/**
 * Holds what a loaded model is about to take against this machine: its configuration, which may be a stranger's, can ask
 * for far more than its weights. Warns where it may be too much.
 * @param what the beginning of a sentence: `evaluating RUN needs`
 * @throws InputError where it is more than there is
 */
export function checkModelMemory(what: string, bytes: number): void {
  const advice =
    'its config.json asks for a long context, many layers or a large batch; take a machine with more memory';
  warn(checkNeed(what, bytes, () => advice));
}
