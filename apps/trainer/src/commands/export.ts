import { existsSync } from 'node:fs';
import { userPath } from '@dynact/command-line';
import { InputError, writeFileAtomic } from '@dynact/files';
import { toOnnx } from '@dynact/tfjs-backend-onnxruntime';
import { exportLlama, exportOnnx, exportWeb } from '@dynact/training';
import * as tf from '@tensorflow/tfjs-core';
import { type Command, Option } from 'commander';
import { logAsCsv } from '../log-as-csv.ts';
import { loadNamedRun, type NamedRunOptions, withNamedRun } from '../named-run.ts';

interface ExportOptions extends NamedRunOptions {
  readonly format: 'safetensors' | 'onnx' | 'web' | 'csv';
  readonly out?: string;
  readonly json?: boolean;
}

export function exportCommand(command: Command): void {
  withNamedRun(command, '; of csv: a run or a comparison')
    .addOption(
      new Option(
        '--format <name>',
        'safetensors: a Llama for Hugging Face transformers; onnx: any model; web: a page that writes with it; csv: the log',
      )
        .choices(['safetensors', 'onnx', 'csv', 'web'])
        .makeOptionMandatory(),
    )
    .option('--out <path>', 'where to write: a new or empty folder; of csv: a file, or stdout by default')
    .option('--json', 'print one JSON document')
    .action((folder: string, options: ExportOptions) =>
      options.format === 'csv' ? exportLog(folder, options) : exportModel(folder, options),
    );
}

function exportLog(folder: string, { format, out, json }: ExportOptions): void {
  const text = logAsCsv(userPath(folder));
  if (out === undefined) {
    if (json) throw new InputError('usage', '--json: the csv goes to stdout; name a file with --out');
    process.stdout.write(text);
    return;
  }
  const path = userPath(out);
  if (existsSync(path)) throw new InputError('file', `${path} is there already; choose a new file`);
  writeFileAtomic(path, text);
  console.log(json ? JSON.stringify({ path, format }) : `csv: ${path}`);
}

async function exportModel(folder: string, { format, out, json, ...options }: ExportOptions): Promise<void> {
  if (out === undefined) throw new InputError('usage', `--format ${format}: name a folder with --out`);
  const { model, tokenizer, checkpoint } = await loadNamedRun(folder, options);
  const directory = userPath(out);
  try {
    if (format === 'safetensors') {
      await exportLlama(model, tokenizer, directory);
    } else {
      if (tf.getBackend() !== 'onnxruntime') {
        throw new InputError(
          'usage',
          `export to ${format} records on the onnxruntime backend, this run uses ${tf.getBackend()}; add --set backend.name=onnxruntime`,
        );
      }
      await (format === 'onnx' ? exportOnnx : exportWeb)(model, tokenizer, directory, toOnnx);
    }
  } finally {
    model.dispose();
  }
  console.log(
    json
      ? JSON.stringify({ directory, format, step: checkpoint.step })
      : `${format} of step ${checkpoint.step}: ${directory}`,
  );
}
