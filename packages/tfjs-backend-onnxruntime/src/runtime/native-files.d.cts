import type koffi from 'koffi';

/** Throws where no addon is there for this platform. */
export function loadKoffi(): typeof koffi;
/** The addon's file, for another thread. */
export function koffiFile(): string;
/** Folder of ONNX Runtime's library. Throws where there is none. */
export function libraryFolder(): string;
/** Folder of the project that uses this package, whose node_modules has it. */
export function projectFolder(): string;
