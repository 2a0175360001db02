"""Models for the benches, as TorchScript: makeTorch.py cnn|wide FILE. And torch by itself: makeTorch.py time FILE CALLS
answers each line of stdin with the microseconds of a call of the model, over CALLS calls."""

import sys
import time

import torch
from torch import nn


class Cnn(nn.Module):
    """As bench/support/onnxCnn.mjs."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1600, 10),
        )

    def forward(self, image):
        return self.layers(image)


class Wide(nn.Module):
    """26.2 million weights: 100 MiB."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 5000), nn.ReLU(), nn.Linear(5000, 5110), nn.ReLU(), nn.Linear(5110, 10))

    def forward(self, features):
        return self.layers(features)


def save(model, example, file):
    torch.jit.trace(model.eval(), example).save(file)


def time_calls(file, calls):
    torch.set_num_threads(1)
    model = torch.jit.load(file).eval()
    image = torch.full((1, 1, 28, 28), 0.5)
    with torch.no_grad():
        for _ in sys.stdin:
            start = time.perf_counter()
            for _ in range(calls):
                model(image)
            print((time.perf_counter() - start) * 1e6 / calls, flush=True)


torch.manual_seed(1)
if sys.argv[1] == "cnn":
    save(Cnn(), torch.zeros(2, 1, 28, 28), sys.argv[2])
elif sys.argv[1] == "wide":
    save(Wide(), torch.zeros(2, 64), sys.argv[2])
else:
    time_calls(sys.argv[2], int(sys.argv[3]))
