export {
  firstIssue,
  readJson,
  readText,
  writeFileAtomic,
  writeFileSynced,
  writeFully,
  writeJsonAtomic,
} from './files.ts';
export { makeFolder, removeLeftovers, syncDirectory, temporaryPath, writeFolderAtomic } from './folders.ts';
export { InputError, type InputErrorKind, systemErrorCode, unwritable } from './input-error.ts';
export { breakLock, type FolderLock, isFolderHeld, lockFolder } from './lock.ts';
