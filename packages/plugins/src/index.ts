export { type CheckResult, checkPlugin } from './check/check-plugin.ts';
export { loadPlugins, type Plugin, pluginsOf, type Recorded } from './load.ts';
export { writeNewPlugin } from './new-plugin.ts';
