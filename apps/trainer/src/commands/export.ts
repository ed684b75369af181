import { loadRun } from '@dynact/api';
import { userPath } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { toOnnx } from '@dynact/tfjs-backend-onnxruntime';
import { exportLlama, exportOnnx } from '@dynact/training';
import * as tf from '@tensorflow/tfjs-core';
import { type Command, Option } from 'commander';
import { type PluginOptions, pluginFiles, withPlugins } from '../plugins.ts';

interface ExportOptions extends PluginOptions {
  readonly format: 'safetensors' | 'onnx';
  readonly out: string;
  readonly json?: boolean;
}

export function exportCommand(program: Command): Command {
  return withPlugins(program.command('export').description('write a trained model in a format that other tools open'))
    .argument('<folder>', 'a run folder (its latest checkpoint) or a checkpoint folder')
    .addOption(
      new Option('--format <name>', 'safetensors: a Llama for Hugging Face transformers; onnx: any model')
        .choices(['safetensors', 'onnx'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'where to write; new or empty')
    .option('--json', 'print one JSON document')
    .action(exportModel);
}

async function exportModel(folder: string, { format, out, json, ...options }: ExportOptions): Promise<void> {
  const { model, tokenizer, checkpoint } = await loadRun(userPath(folder), { plugins: pluginFiles(options) });
  const directory = userPath(out);
  try {
    if (format === 'safetensors') {
      await exportLlama(model, tokenizer, directory);
    } else {
      if (tf.getBackend() !== 'onnxruntime') {
        throw new InputError(
          'usage',
          `export to onnx records on the onnxruntime backend, this run uses ${tf.getBackend()}`,
        );
      }
      await exportOnnx(model, tokenizer, directory, toOnnx);
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
