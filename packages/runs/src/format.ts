/** The formats of a run folder without a file system, for a page that saves and opens one. */
export * from './names.ts';
export { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
