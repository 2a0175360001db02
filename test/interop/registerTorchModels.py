"""Writes the torch files that registerTorchModel.test.ts needs into the folder that is its argument."""

import os
import sys

import torch
from torch import nn

folder = sys.argv[1]
torch.manual_seed(2)


def trace(module, name, *examples, **options):
    torch.jit.trace(module.eval(), examples, **options).save(os.path.join(folder, name))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 8, batch_first=True)

    def forward(self, steps):
        return self.lstm(steps)[0]


class Pair(nn.Module):
    def forward(self, left, right):
        return left + right, left * right


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(50, 6)

    def forward(self, ids):
        return self.table(ids).mean(1)


class Choice(nn.Module):
    """What tracing would freeze, and scripting keeps."""

    def forward(self, x):
        total = torch.zeros_like(x)
        for _ in range(x.shape[0]):
            total = total + x
        if bool(x.sum() > 0):
            return total
        return -total


class Dictionary(nn.Module):
    def forward(self, x):
        return {"scores": torch.softmax(x, -1), "largest": x.argmax(-1)}


class Centred(nn.Module):
    """Each item depends on the others of its run, as the steps of a sequence do."""

    def forward(self, x):
        return x - x.mean(0, keepdim=True)


class Unused(nn.Module):
    def forward(self, x, ignored):
        return x * 2


class Random(nn.Module):
    def forward(self, x):
        return x + torch.rand_like(x)


class Sharp(nn.Module):
    """NaN and infinities at the edges of the range."""

    def forward(self, x):
        return torch.log(x), 1.0 / x


mlp = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3), nn.Softmax(-1))
cnn = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 13 * 13, 10))
trace(mlp, "mlp.pt", torch.randn(2, 4))
trace(cnn, "cnn.pt", torch.randn(2, 1, 28, 28))
trace(Lstm(), "lstm.pt", torch.randn(2, 5, 4))
trace(Pair(), "pair.pt", torch.randn(2, 4), torch.randn(2, 4))
trace(Embed(), "embed.pt", torch.zeros(2, 4, dtype=torch.int64))
trace(Dictionary(), "dictionary.pt", torch.randn(2, 4), strict=False)
trace(Centred(), "centred.pt", torch.randn(2, 4))
trace(Unused(), "unused.pt", torch.randn(2, 4), torch.randn(2, 4))
trace(Sharp(), "sharp.pt", torch.rand(2, 4))
torch.jit.script(Choice()).save(os.path.join(folder, "choice.pt"))
torch.jit.script(Random()).save(os.path.join(folder, "random.pt"))
dropout = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5)).train()
torch.jit.trace(dropout, torch.randn(2, 4), check_trace=False).save(os.path.join(folder, "dropout.pt"))
torch.save(mlp.state_dict(), os.path.join(folder, "state.pt"))
torch.save(mlp, os.path.join(folder, "module.pt"))
if not hasattr(torch, "export"):
    torch.onnx.export(
        torch.jit.load(os.path.join(folder, "mlp.pt")),
        (torch.randn(2, 4),),
        os.path.join(folder, "mlp.onnx"),
        opset_version=16,
        input_names=["x"],
        output_names=["scores"],
        dynamic_axes={"x": {0: "batch"}, "scores": {0: "batch"}},
    )
