"""Greedy generation by transformers, for `pnpm bench generate`: prints one line of JSON.

    python3 generate_transformers.py WORKLOAD       JSON, see transformers.ts

A Llama of the same shape with random weights, since the time does not depend on them; keys and values kept. Reading the
prompt is not timed.
"""

import json
import sys
import time

import torch
import transformers


class Clock(transformers.LogitsProcessor):
    """Notes when the logits of each token are there."""

    def __init__(self):
        self.times = []

    def __call__(self, input_ids, scores):
        if scores.is_cuda:
            torch.cuda.synchronize()
        self.times.append(time.perf_counter())
        return scores


@torch.no_grad()
def main(workload):
    torch.set_num_threads(workload["threads"])
    torch.manual_seed(0)
    device = workload["device"]
    if device != "cpu":
        # TF32, as ours.
        torch.set_float32_matmul_precision("high")
    transformers.logging.set_verbosity_error()
    config = transformers.LlamaConfig(
        vocab_size=workload["vocabularySize"],
        hidden_size=workload["width"],
        intermediate_size=workload["hiddenWidth"],
        num_hidden_layers=workload["layers"],
        num_attention_heads=workload["heads"],
        max_position_embeddings=workload["context"],
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
    )
    model = transformers.LlamaForCausalLM(config).eval().to(device)
    count, batch = workload["tokens"], workload["batch"]
    prompt = torch.randint(0, config.vocab_size, (batch, max(1, workload["context"] - count)), device=device)

    def generate(tokens):
        clock = Clock()
        model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            do_sample=False,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
            logits_processor=transformers.LogitsProcessorList([clock]),
        )
        return clock.times

    generate(min(count, 40))
    times = generate(count)
    rate = (len(times) - 1) * batch / (times[-1] - times[0])
    return {"version": f"{transformers.__version__}, PyTorch {torch.__version__.split('+')[0]}", "tokensPerSecond": rate}


try:
    result = main(json.loads(sys.argv[1]))
except Exception as error:  # one line that the table can show
    sys.exit(f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")
print(json.dumps(result))
