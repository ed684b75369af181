export { collect, decimalNumber, names, userPath, wholeNumber, wholeNumbers } from './arguments.ts';
export { exitCodes, Interrupted, report } from './exit.ts';
export { interruptSignal } from './interrupt.ts';
export { printable } from './printable.ts';
export { createProgress, duration, type Progress, type ProgressLine, warn } from './progress.ts';
export { textTable } from './text-table.ts';
