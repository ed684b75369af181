export {
  firstIssue,
  readJson,
  removeLeftovers,
  syncDirectory,
  temporaryPath,
  writeFileAtomic,
  writeFileSynced,
  writeFully,
  writeJsonAtomic,
} from './files.ts';
export { InputError, systemErrorCode } from './input-error.ts';
export { type FolderLock, lockFolder } from './lock.ts';
