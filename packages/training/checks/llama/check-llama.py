"""Checks that transformers loads the folders of make-exports.ts and computes the same as this project.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt     # and again with transformers==4.46.3, 4.57.1
    pnpm --filter @dynact/training exec tsx --conditions=@dynact/source checks/llama/make-exports.ts FOLDER
    venv/bin/python checks/llama/check-llama.py FOLDER

The last output stands in recorded-output.txt.
"""

import json
import pathlib
import platform
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = pathlib.Path(sys.argv[1])
print(f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}")
failed = False
# The option was renamed in 4.56.
DTYPE = "torch_dtype" if tuple(map(int, transformers.__version__.split(".")[:2])) < (4, 56) else "dtype"


def report(what, passed, detail=""):
    global failed
    failed = failed or not passed
    print(f"  {'ok    ' if passed else 'FAILED'} {what} {detail}".rstrip())


for path in sorted((folder / "expected").glob("*.json")):
    expected = json.loads(path.read_text())
    directory = folder / path.stem
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = AutoModelForCausalLM.from_pretrained(directory, **{DTYPE: torch.float32}).eval()
    print(f"{path.stem}: {type(model).__name__}, {model.num_parameters()} parameters, {type(tokenizer).__name__}")

    equal = [tokenizer.encode(case["text"], add_special_tokens=False) == case["ids"] for case in expected["texts"]]
    report("ids of texts", all(equal), f"{sum(equal)} of {len(equal)} equal")
    for index, case in enumerate(expected["cases"]):
        inputs = tokenizer(case["prompt"], return_tensors="pt", add_special_tokens=False)
        ids = inputs["input_ids"]
        report(f"prompt {index}: ids", ids[0].tolist() == case["ids"], f"{ids.shape[1]} tokens")
        with torch.no_grad():
            logits = model(ids).logits[0]
            greedy = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=32,
                min_new_tokens=32,
                pad_token_id=0,
            )
        ours = torch.tensor(case["logits"]).reshape(logits.shape)
        difference = (logits - ours).abs().max().item()
        report(
            f"prompt {index}: logits", difference <= 1e-4, f"largest difference {difference:.1e} of {ours.abs().max():.2f}"
        )
        same = greedy[0, ids.shape[1] :].tolist() == case["greedy"]
        report(f"prompt {index}: 32 greedy tokens", same)

    # As the documentation of transformers has it: whatever the tokenizer makes goes to the model.
    options = dict(do_sample=False, max_new_tokens=32, min_new_tokens=32)
    prompts = [case["prompt"] for case in expected["cases"]]
    alone = [model.generate(**tokenizer(prompt, return_tensors="pt"), **options)[0, -32:] for prompt in prompts]
    same = [tokens.tolist() == case["greedy"] for tokens, case in zip(alone, expected["cases"])]
    report("generate(**tokenizer(prompt))", all(same), f"{sum(same)} of {len(same)} equal")
    padded = tokenizer(prompts, return_tensors="pt", padding=True)
    report("inputs", set(padded) == {"input_ids", "attention_mask"}, ", ".join(padded))
    together = model.generate(**padded, **options)[:, -32:]
    same = [tokens.tolist() == case["greedy"] for tokens, case in zip(together, expected["cases"])]
    report("generate of a padded batch", all(same), f"{sum(same)} of {len(same)} equal")

sys.exit(1 if failed else 0)
