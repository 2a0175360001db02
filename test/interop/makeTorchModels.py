"""Writes the torch files that torchSidecar.test.ts needs into the folder that is its argument."""

import os
import pickle
import sys
import zipfile

import torch
from torch import nn

folder = sys.argv[1]
torch.manual_seed(1)


def path(name):
    return os.path.join(folder, name)


class Two(nn.Module):
    def forward(self, left, right):
        return left + right, (left * right, left - right)


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 3)

    def forward(self, ids):
        return self.table(ids).sum(1)


class Named(nn.Module):
    def forward(self, x):
        return {"double": x * 2, "isLarge": x > 1}


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


class Printing(nn.Module):
    def forward(self, x):
        for _ in range(100):
            print("RWT1 a model that prints")
        return x


class Slow(nn.Module):
    def forward(self, x):
        big = torch.ones(512, 512)
        for _ in range(int(x[0])):
            big = torch.mm(big, big) / 512.0
        return x + big[0, 0] * 0


class Greedy(nn.Module):
    def forward(self, x):
        parts = [x]
        for _ in range(int(x[0])):
            parts.append(torch.rand(1_000_000))
        big = torch.ones(512, 512)
        for _ in range(2000):
            big = torch.mm(big, big) / 512.0
        return x + big[0, 0] * torch.stack(parts[1:]).sum()


class Writing(nn.Module):
    def __init__(self, target: str):
        super().__init__()
        self.target = target

    def forward(self, x):
        return torch.from_file(self.target, True, 4, dtype=torch.float32) * 0 + x


class Halves(nn.Module):
    def forward(self, x):
        return x.to(torch.float16), x.to(torch.int8), x > 0, x.double(), x.to(torch.uint8)


class Brain(nn.Module):
    def forward(self, x):
        return x.to(torch.bfloat16)


class Text(nn.Module):
    def forward(self, x):
        return "no tensor"


mlp = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3)).eval()
cnn = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 2)).eval()
dropout = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5)).train()

torch.jit.trace(mlp, torch.randn(2, 4)).save(path("mlp.pt"))
torch.jit.trace(cnn, torch.randn(2, 1, 8, 8)).save(path("cnn.pt"))
torch.jit.trace(Lstm().eval(), torch.randn(2, 6, 4)).save(path("lstm.pt"))
torch.jit.trace(Two(), (torch.randn(2, 4), torch.randn(2, 4))).save(path("two.pt"))
torch.jit.trace(Embed().eval(), torch.zeros(2, 4, dtype=torch.int64)).save(path("embed.pt"))
torch.jit.trace(dropout, torch.randn(2, 4), check_trace=False).save(path("dropout.pt"))
torch.jit.trace(Named(), torch.randn(2, 4), strict=False).save(path("named.pt"))
for name, module in [("printing", Printing()), ("slow", Slow()), ("greedy", Greedy()), ("halves", Halves())]:
    torch.jit.script(module).save(path(f"{name}.pt"))
for name, module in [("brain", Brain()), ("text", Text()), ("writing", Writing(path("written.bin")))]:
    torch.jit.script(module).save(path(f"{name}.pt"))

torch.save(mlp, path("module.pt"))
torch.save(mlp.state_dict(), path("state.pt"))
torch.save(mlp.state_dict(), path("legacy.pt"), _use_new_zipfile_serialization=False)


class Harm:
    def __reduce__(self):
        return os.system, (f"touch {path('harmed')}",)


with zipfile.ZipFile(path("mlp.pt")) as source, zipfile.ZipFile(path("harm.pt"), "w") as target:
    for entry in source.infolist():
        harmful = entry.filename.endswith("/data.pkl")
        target.writestr(entry.filename, pickle.dumps(Harm(), 2) if harmful else source.read(entry))

if hasattr(torch, "export") and hasattr(torch.export, "Dim"):
    batch = torch.export.Dim("batch", min=1, max=64)
    shapes = ({0: batch},)
    torch.export.save(torch.export.export(mlp, (torch.randn(2, 4),), dynamic_shapes=shapes), path("mlp.pt2"))
    two = torch.export.export(Two(), (torch.randn(2, 4), torch.randn(2, 4)), dynamic_shapes=({0: batch}, {0: batch}))
    torch.export.save(two, path("two.pt2"))
    torch.export.save(torch.export.export(Named(), (torch.randn(2, 4),), dynamic_shapes=shapes), path("named.pt2"))
