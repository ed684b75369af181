"""The engine benchmark's model in PyTorch, for `pnpm bench engine`: prints one line of JSON.

    python3 engine_pytorch.py FOLDER THREADS eager|compile|graphs [DEVICE fp32|tf32|bf16]      FOLDER: see pytorch-workload.ts
    python3 engine_pytorch.py --probe                           version of PyTorch

Same shapes, initial values, batches, AdamW and clipping as the TypeScript model, and of each operation the fastest form
that the installed PyTorch has (fused attention, norm and optimizer since 2.x); 1.13 runs too.
"""

import json
import math
import pathlib
import resource
import sys
import time
from statistics import median

import torch
import torch.nn.functional as F

FUSED_ATTENTION = hasattr(F, "scaled_dot_product_attention")
FUSED_NORM = hasattr(F, "rms_norm")
VERSION = tuple(int(part) for part in torch.__version__.split("+")[0].split("a")[0].split(".")[:2])
FUSED_OPTIMIZER = VERSION >= (2, 4)

PRODUCTS = 20

GATES = {
    "glu": torch.sigmoid,
    "bilinear": lambda x: x,
    "reglu": F.relu,
    "geglu": F.gelu,
    "swiglu": F.silu,
}


class Gpt(torch.nn.Module):
    def __init__(self, workload, values):
        super().__init__()
        self.workload = workload
        self.width, self.heads, self.context = workload["width"], workload["heads"], workload["context"]
        self.head_width = self.width // self.heads
        self.epsilon = workload["normEpsilon"]
        self.parameters_by_name = {}
        offset = 0
        for parameter in workload["parameters"]:
            name, shape = parameter["name"], parameter["shape"]
            size = math.prod(shape)
            value = values[offset : offset + size].reshape(shape)
            offset += size
            if len(shape) == 2 and name != "tokenEmbedding.weight":
                value = value.T  # as torch.nn.Linear keeps it
            tensor = torch.nn.Parameter(value.clone(memory_format=torch.contiguous_format))
            self.register_parameter(name.replace(".", "_"), tensor)
            self.parameters_by_name[name] = tensor
        half = self.head_width // 2
        frequencies = workload["ropeBase"] ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.arange(self.context, dtype=torch.float64)[:, None] * frequencies
        angles = torch.cat([angles, angles], -1)
        self.register_buffer("cosine", angles.cos().float())
        self.register_buffer("sine", angles.sin().float())
        future = torch.triu(torch.ones(self.context, self.context, dtype=torch.bool), 1)
        self.register_buffer("mask", torch.zeros(self.context, self.context).masked_fill(future, -math.inf))

    def parameter(self, name):
        return getattr(self, name.replace(".", "_"))

    def norm(self, x, name):
        gain = self.parameter(f"{name}.gain")
        if FUSED_NORM:
            return F.rms_norm(x, (self.width,), gain, self.epsilon)
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + self.epsilon) * gain

    def rotate(self, x):
        a, b = x.chunk(2, -1)
        return x * self.cosine + torch.cat([-b, a], -1) * self.sine

    def attention(self, x, name):
        batch = x.shape[0]
        query, key, value = (
            F.linear(x, self.parameter(f"{name}.{part}.weight"))
            .reshape(batch, self.context, self.heads, self.head_width)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        query, key = self.rotate(query), self.rotate(key)
        if FUSED_ATTENTION:
            attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            scores = (query * self.head_width**-0.5) @ key.transpose(-1, -2) + self.mask
            attended = scores.softmax(-1) @ value
        joined = attended.transpose(1, 2).reshape(batch, self.context, self.width)
        return F.linear(joined, self.parameter(f"{name}.output.weight"))

    def gate(self, x, name):
        block = self.workload["block"]
        if block != "dynactglu":
            return GATES[block](x)
        alpha, beta = (self.parameter(f"{name}.activation.{letter}") for letter in ("alpha", "beta"))
        return F.silu(x) * (alpha - beta) + beta * x

    def feed_forward(self, x, name):
        gate = self.gate(F.linear(x, self.parameter(f"{name}.gate.weight")), name)
        return F.linear(
            gate * F.linear(x, self.parameter(f"{name}.up.weight")), self.parameter(f"{name}.down.weight")
        )

    def forward(self, inputs, targets, reduction):
        embedding = self.parameter("tokenEmbedding.weight")
        x = F.embedding(inputs, embedding)
        for layer in range(self.workload["layers"]):
            block = f"blocks.{layer}"
            x = x + self.attention(self.norm(x, f"{block}.attentionNorm"), f"{block}.attention")
            x = x + self.feed_forward(self.norm(x, f"{block}.feedForwardNorm"), f"{block}.feedForward")
        logits = F.linear(self.norm(x, "finalNorm"), embedding)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction=reduction)


def make_optimizer(model):
    settings = model.workload["optimizer"]
    groups = [[], []]
    for parameter in model.workload["parameters"]:
        groups[parameter["decays"]].append(model.parameters_by_name[parameter["name"]])
    return torch.optim.AdamW(
        [dict(params=groups[0], weight_decay=0.0), dict(params=groups[1], weight_decay=settings["weightDecay"])],
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
        **(dict(fused=True) if FUSED_OPTIMIZER else {}),
    )


def train(model, loss_of, batches, product):
    """Seconds of the timed steps, and every loss."""
    workload = model.workload
    optimizer = make_optimizer(model)
    seconds, losses = [], []
    for step, (inputs, targets) in enumerate(batches):
        start = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = workload["learningRates"][step]
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(inputs, targets, "mean")
        loss.backward()
        if workload["gradientClip"] is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), workload["gradientClip"])
        optimizer.step()
        losses.append(loss.item())
        if step >= workload["warmUpSteps"]:
            seconds.append(time.perf_counter() - start)
            # In turns with the steps, so that a noisy neighbor slows both sides of the ratio.
            product.measure(PRODUCTS // workload["steps"])
    product.measure(PRODUCTS - len(product.kept))
    return seconds, losses


@torch.no_grad()
def forward(model, loss_of, batches):
    seconds = []
    for step, (inputs, targets) in enumerate(batches):
        start = time.perf_counter()
        loss_of(inputs, targets, "none")[-1].item()
        if step >= model.workload["warmUpSteps"]:
            seconds.append(time.perf_counter() - start)
    return seconds


class SquareProduct:
    """Times products of square matrices: as a new tensor, and into one that is there."""

    def __init__(self, size, device):
        self.matrices = [torch.rand(size, size, device=device) * 2 - 1 for _ in range(2)]
        self.result = torch.empty(size, size, device=device)
        self.kept, self.bare = [], []

    @torch.no_grad()
    def measure(self, count):
        # The first product after something else finds cold caches and sleeping threads: it is not timed.
        for times, result in ((self.bare, self.result), (self.kept, None)) if count > 0 else ():
            self.time(result)
            times.extend(self.time(result) for _ in range(count))

    def time(self, result):
        start = time.perf_counter()
        torch.mm(*self.matrices, out=result)[-1, -1].item()
        return time.perf_counter() - start


def peak_megabytes(device):
    """Of the process's main memory; of a GPU's all that is in use."""
    if device != "cpu":
        free, total = torch.cuda.mem_get_info(device)
        return (total - free) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def in_bfloat16(model):
    def loss_of(*arguments):
        with torch.autocast("cuda", torch.bfloat16):
            return model(*arguments)

    return loss_of


def main(folder, threads, mode, device="cpu", precision="fp32"):
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    folder = pathlib.Path(folder)
    workload = json.loads((folder / "workload.json").read_text())
    values = torch.frombuffer(bytearray((folder / "parameters.f32").read_bytes()), dtype=torch.float32)
    tokens = torch.frombuffer(bytearray((folder / "tokens.i32").read_bytes()), dtype=torch.int32).long().to(device)
    batches = tokens.reshape(-1, 2, workload["batchSize"], workload["context"]).unbind(0)
    model = Gpt(workload, values).to(device)
    compiled = {"compile": "default", "graphs": "reduce-overhead"}
    loss_of = torch.compile(model, mode=compiled[mode]) if mode in compiled else model
    if precision == "bf16":
        loss_of = in_bfloat16(loss_of)

    product = SquareProduct(workload["productSize"], device)
    seconds, losses = train(model, loss_of, batches, product)
    peak = peak_megabytes(device)
    forward_seconds = median(forward(model, loss_of, batches))

    size = workload["batchSize"] * workload["context"]
    gemm, bare_gemm = (2 * workload["productSize"] ** 3 / median(seconds) / 1e9 for seconds in (product.kept, product.bare))
    rate = workload["flopsPerToken"] * size / median(seconds) / 1e9
    return {
        "version": f"PyTorch {torch.__version__}",
        "threads": torch.get_num_threads(),
        "batchSize": workload["batchSize"],
        "gemmGflops": gemm,
        "bareGemmGflops": bare_gemm,
        "training": {
            "stepMilliseconds": median(seconds) * 1000,
            "tokensPerSecond": size / median(seconds),
            "modelGflops": rate,
            "ratio": rate / gemm,
            "bareRatio": rate / bare_gemm,
            "outsideRuntime": None,
            "losses": losses,
        },
        "forwardMilliseconds": forward_seconds * 1000,
        "forwardTokensPerSecond": size / forward_seconds,
        "peakResidentMegabytes": peak,
    }


if sys.argv[1] == "--probe":
    print(json.dumps({"version": torch.__version__, "compiles": hasattr(torch, "compile")}))
else:
    try:
        result = main(*sys.argv[1:])
    except Exception as error:  # one line that the table can show; a compiler's report has hundreds
        sys.exit(f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")
    print(json.dumps(result))
