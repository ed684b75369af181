import { join } from 'node:path';
import type { Tokenizer } from '@dynact/data';
import { InputError, writeFolderAtomic, writeJsonAtomic } from '@dynact/files';
import { type StoredTensor, writeSafetensors } from '@dynact/runs';
import type { Gpt, ResolvedModelConfig } from '@dynact/transformer';
import { tokenizerFiles } from './tokenizer-files.ts';

/**
 * Writes a folder that Hugging Face transformers loads as LlamaForCausalLM, with its tokenizer: model.safetensors,
 * config.json, generation_config.json, tokenizer.json, tokenizer_config.json.
 * @param directory new or empty; it appears complete or not at all
 * @throws InputError where the architecture is not Llama's, saying what differs
 */
export async function exportLlama(model: Gpt, tokenizer: Tokenizer, directory: string): Promise<void> {
  checkArchitecture(model.config);
  const tensors = await llamaTensors(model);
  const { tokenizer: tokenizerJson, configuration } = tokenizerFiles(tokenizer, model.config.context);
  await writeFolderAtomic(directory, (folder) => {
    writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
    writeJsonAtomic(join(folder, 'tokenizer.json'), tokenizerJson);
    writeJsonAtomic(join(folder, 'tokenizer_config.json'), configuration);
    writeJsonAtomic(join(folder, 'config.json'), llamaConfig(model.config, tokenizer.endOfText));
    writeJsonAtomic(join(folder, 'generation_config.json'), generationConfig(tokenizer.endOfText));
  });
}

function checkArchitecture({ norm, position, bias, feedForwards }: ResolvedModelConfig): void {
  const differs = (what: string) => {
    throw new InputError(
      'configuration',
      `this model is not a Llama: ${what}; export it with --format onnx, or train with rmsnorm, rope, swiglu and no bias`,
    );
  };
  if (norm !== 'rmsnorm') differs(`model.norm is ${norm}`);
  if (position !== 'rope') differs(`model.position is ${position}`);
  if (bias) differs('model.bias is true');
  const other = feedForwards.findIndex((block) => 'own' in block || !(block.gated && block.activation.name === 'silu'));
  if (other >= 0) differs(`the feed-forward block of layer ${other} is ${describe(feedForwards[other]!)}`);
}

function describe(block: ResolvedModelConfig['feedForwards'][number]): string {
  if ('own' in block) return block.own;
  return block.gated ? `gated by ${block.activation.name}, not by silu` : 'not gated';
}

function llamaConfig(config: ResolvedModelConfig, endOfText: number): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForwards[0]!.hiddenWidth,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headWidth,
    hidden_act: 'silu',
    max_position_embeddings: config.context,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeBase,
    rope_parameters: { rope_type: 'default', rope_theta: config.ropeBase },
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: 0,
    initializer_range: config.initialization.standardDeviation,
    tie_word_embeddings: config.tieEmbeddings,
    bos_token_id: endOfText,
    eos_token_id: endOfText,
    pad_token_id: endOfText,
    use_cache: true,
    torch_dtype: 'float32',
  };
}

function generationConfig(endOfText: number): object {
  return { bos_token_id: endOfText, eos_token_id: endOfText, pad_token_id: endOfText };
}

/** Our names to Llama's. Its linear layers hold [outputs, inputs], ours [inputs, outputs]. */
async function llamaTensors(model: Gpt): Promise<Map<string, StoredTensor>> {
  const parts: Record<string, string> = {
    'attentionNorm.gain': 'input_layernorm.weight',
    'feedForwardNorm.gain': 'post_attention_layernorm.weight',
    'attention.query.weight': 'self_attn.q_proj.weight',
    'attention.key.weight': 'self_attn.k_proj.weight',
    'attention.value.weight': 'self_attn.v_proj.weight',
    'attention.output.weight': 'self_attn.o_proj.weight',
    'feedForward.gate.weight': 'mlp.gate_proj.weight',
    'feedForward.up.weight': 'mlp.up_proj.weight',
    'feedForward.down.weight': 'mlp.down_proj.weight',
  };
  const whole: Record<string, string> = {
    'tokenEmbedding.weight': 'model.embed_tokens.weight',
    'finalNorm.gain': 'model.norm.weight',
    'output.weight': 'lm_head.weight',
  };
  const tensors = new Map<string, StoredTensor>();
  for (const { name, group, variable } of model.parameters) {
    const [, layer, part] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
    const target = part === undefined ? whole[name] : `model.layers.${layer}.${parts[part]}`;
    if (target === undefined) throw new Error(`no place for ${name} in a Llama`);
    const data = (await variable.data()) as Float32Array;
    const [rows, columns] = variable.shape as [number, number];
    tensors.set(
      target,
      group === 'matrix'
        ? { shape: [columns, rows], data: transposed(data, rows, columns) }
        : { shape: variable.shape, data },
    );
  }
  return tensors;
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column]!;
  }
  return result;
}
