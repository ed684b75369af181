export {
  bandwidth,
  collect,
  datasetsFolder,
  decimalNumber,
  names,
  oneLineErrors,
  positive,
  userFolder,
  userPath,
  wholeNumber,
  wholeNumbers,
} from './arguments.ts';
export { calledAs } from './called-as.ts';
export { Interrupted, outliveReaders, report } from './exit.ts';
export { exitCodes } from './exit-codes.ts';
export { interruptSignal } from './interrupt.ts';
export { createProgress, duration, type Progress, type ProgressLine, warn } from './progress.ts';
export { oneLine, printable, shellQuoted, shellWord, textTable } from './text.ts';
