export {
  firstIssue,
  makeFolder,
  readJson,
  readText,
  removeLeftovers,
  syncDirectory,
  temporaryPath,
  writeFileAtomic,
  writeFileSynced,
  writeFully,
  writeJsonAtomic,
} from './files.ts';
export { InputError, type InputErrorKind, systemErrorCode, unwritable } from './input-error.ts';
export { type FolderLock, lockFolder } from './lock.ts';
