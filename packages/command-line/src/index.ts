export {
  bandwidth,
  collect,
  decimalNumber,
  names,
  positive,
  wholeNumber,
  wholeNumbers,
} from './arguments.ts';
export { calledAs, commandLine } from './called-as.ts';
export { duration } from './duration.ts';
export { Interrupted, outliveReaders, report } from './exit.ts';
export { exitCodes } from './exit-codes.ts';
export { interruptSignal } from './interrupt.ts';
export { oneLineErrors } from './one-line-errors.ts';
export { createProgress, type Progress, type ProgressLine, warn } from './progress.ts';
export { oneLine, printable, shellQuoted, shellWord, textTable } from './text.ts';
export { datasetsFolder, userFolder, userPath } from './user-folder.ts';
