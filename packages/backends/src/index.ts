export { type BackendConfig, backendConfigSchema } from './config.ts';
export { estimateMemory, type MemoryEstimate, type TrainingSizes } from './estimate-memory.ts';
export { type MachineIdentity, machineIdentity } from './machine.ts';
export { checkMemory, checkNeed, type MachineMemory, type MemoryOptions, machineMemory } from './memory.ts';
export { type BackendName, probeBackends } from './probe.ts';
export { chooseBackend, type SelectedBackend, selectBackend } from './select-backend.ts';
export { shareOfCores } from './share-of-cores.ts';
export { tensorflowPackage } from './tensorflow.ts';
export { commitOf, packageVersion, softwareVersions } from './versions.ts';
