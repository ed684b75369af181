export { readCifar10 } from './cifar10.ts';
export { type DecodedPicture, decodePicture, resizePicture } from './decode.ts';
export { createEpochOrder } from './epoch-order.ts';
export { readPictureFolders } from './folders.ts';
export { type IdxArray, readIdx, readIdxPictures } from './idx.ts';
export { type PictureSplits, readMnist } from './mnist.ts';
export {
  type Augmentation,
  createPictureBatches,
  evaluationPictureBatches,
  type PictureBatch,
  type PictureBatchOptions,
} from './picture-batches.ts';
export { type Normalization, normalizationOf, type Pictures, pictureCount, selectPictures } from './pictures.ts';
export { type NumberTable, readTable, splitTable, type TableSplit, tableOf } from './tables.ts';
