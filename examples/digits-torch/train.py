"""Trains a small convolutional network on digits.

usage: train.py FOLDER

Reads train.f32 and test.f32 (images of 784 float32 each) and train.u8 and test.u8 (a digit each) in FOLDER. Writes digits.pt,
a TorchScript file from float32 [batch, 1, 28, 28] to float32 [batch, 10], and torch.json with what torch itself makes of the
test images by that file. The same numbers every time: one seed, one thread.
"""

import json
import os
import sys

import torch
from torch import nn

EPOCHS = 6
BATCH = 64


def read(folder, name):
    """The images and the digits of one half of the data."""
    with open(os.path.join(folder, name + ".f32"), "rb") as file:
        images = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    with open(os.path.join(folder, name + ".u8"), "rb") as file:
        digits = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    return images.reshape(-1, 1, 28, 28), digits.long()


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 64),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(64, 10),
        )

    def forward(self, image):
        """The name of the argument is that of the input."""
        return self.layers(image)


def train(network, images, digits):
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    network.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(images[rows]), digits[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / len(images):.3f}", flush=True)


def main(folder):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    images, digits = read(folder, "train")
    network = Network()
    train(network, images, digits)

    # Without eval() the dropout would be traced, and no two answers be the same.
    file = os.path.join(folder, "digits.pt")
    torch.jit.trace(network.eval(), torch.zeros(2, 1, 28, 28)).save(file)

    images, digits = read(folder, "test")
    with torch.no_grad():
        predictions = torch.jit.load(file)(images).argmax(1)
    right = int((predictions == digits).sum())
    with open(os.path.join(folder, "torch.json"), "w", encoding="utf-8") as answer:
        json.dump({"accuracy": right / len(digits), "predictions": predictions.tolist()}, answer)


main(sys.argv[1])
