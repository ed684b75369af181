import { checkedJson } from '@dynact/files/checked-json';
import { InputError } from '@dynact/files/input-error';
import {
  checkpointName,
  checkpointStep,
  checkpointsFolder,
  configFile,
  decodeSafetensors,
  encodeSafetensors,
  metricsFile,
  optimizerFile,
  stateFile,
  summaryFile,
  weightsFile,
} from '@dynact/runs/format';
import { checkpointStateSchema, metricsRecordSchema, type RunConfig, runConfigSchema } from '@dynact/runs/records';
import { longerConfig, parseRecordedConfig } from '@dynact/training/learning';
import manifest from '../../package.json' with { type: 'json' };
import type { Lane, Start } from './lane.ts';
import { textFile } from './settings.ts';

/** Files of a folder, by their paths in it. */
type FolderFiles = ReadonlyMap<string, Uint8Array>;

const advice = 'choose the folder of a run, as the trainer or this page wrote it';

/** A model as a run folder: `dynact sample` and `dynact evaluate` open it, `dynact train --resume` goes on with it. */
export async function runFiles(lane: Lane, text: string): Promise<Map<string, Uint8Array>> {
  const { begun, config, records, step } = lane;
  if (begun === undefined) throw new InputError('run-folder', 'there is no model yet: press train first');
  const { backend } = await lane.trainer.memory();
  const runConfig: RunConfig = {
    config: JSON.parse(JSON.stringify(config)),
    versions: { '@dynact/playground': manifest.version },
    backend: { name: backend, device: 'browser', threads: 1 },
    gitCommit: null,
    tokens: begun.digests,
  };
  const { weights, optimizer, state } = await lane.capture();
  const checkpoint = `${checkpointsFolder}/${checkpointName(step)}`;
  const encoder = new TextEncoder();
  const json = (value: unknown) => encoder.encode(`${JSON.stringify(value, null, 2)}\n`);
  return new Map([
    [configFile, json(runConfig)],
    [metricsFile, encoder.encode(records.map((record) => `${JSON.stringify(record)}\n`).join(''))],
    [textFile, encoder.encode(text)],
    [`${checkpoint}/${weightsFile}`, encodeSafetensors(weights)],
    [`${checkpoint}/${optimizerFile}`, encodeSafetensors(optimizer)],
    [`${checkpoint}/${stateFile}`, json({ ...state, step })],
  ]);
}

/**
 * The newest checkpoint of a run folder, ready to go on. A run that has all of its steps gets as many again.
 * @param text to learn from, where the folder brings none
 * @throws InputError when it is no run folder, or a file of it is damaged
 */
export function startOf(files: FolderFiles, text: string): Start {
  const decoder = new TextDecoder();
  const read = (path: string) => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new InputError('run-folder', `there is no ${path} in it; ${advice}`);
    return bytes;
  };
  const { config: recorded } = checkedJson(decoder.decode(read(configFile)), configFile, runConfigSchema, advice);
  const parsed = parseRecordedConfig(recorded, configFile);
  const steps = [...files.keys()].flatMap((path) => {
    const [folder, name = '', file] = path.split('/');
    const step = checkpointStep(name);
    return folder === checkpointsFolder && file === stateFile && step !== undefined ? [step] : [];
  });
  if (steps.length === 0) throw new InputError('run-folder', `there is no checkpoint in it; ${advice}`);
  const step = Math.max(...steps);
  const checkpoint = `${checkpointsFolder}/${checkpointName(step)}`;
  const tensors = (file: string) => decodeSafetensors(read(`${checkpoint}/${file}`), file).tensors;
  const state = checkedJson(
    decoder.decode(read(`${checkpoint}/${stateFile}`)),
    stateFile,
    checkpointStateSchema,
    advice,
  );
  const lines = decoder.decode(files.get(metricsFile)).split('\n').slice(0, -1);
  const records = lines
    .map((line, index) => checkedJson(line, `${metricsFile} line ${index + 1}`, metricsRecordSchema, advice))
    .filter((record) => record.step <= step);
  const own = files.get(textFile);
  const isOver = step >= parsed.training.steps || files.has(summaryFile);
  return {
    config: isOver ? longerConfig(parsed, 2 * Math.max(step, parsed.training.steps), 'keep') : parsed,
    text: own === undefined ? text : decoder.decode(own),
    checkpoint: { step, weights: tensors(weightsFile), optimizer: tensors(optimizerFile), state },
    records,
  };
}

/** The files of a folder that the user chose; paths begin behind its name. */
export async function chosenFiles(list: Iterable<File>): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const file of list) {
    const path = file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
    files.set(path, new Uint8Array(await file.arrayBuffer()));
  }
  return files;
}
