"""
A model of torchvision with random weights, to be compared with Fovea's:

    python3 torchvision_models.py make resnet18 DIR      writes DIR/weights.safetensors, DIR/x.npy, and DIR/y.npy, what torchvision gives for x
    python3 torchvision_models.py compare DIR            compares DIR/y.npy with DIR/fovea.npy

Needs PyTorch, torchvision and NumPy (Debian: python3-torchvision). docs/formats/README.md has the commands in between.
"""
import json
import os
import struct
import sys

import numpy


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        numbers = tensor.contiguous().numpy()
        kind = {"float32": "F32", "int64": "I64"}[str(numbers.dtype)]
        header[name] = {"dtype": kind, "shape": list(numbers.shape), "data_offsets": [len(data), len(data) + numbers.nbytes]}
        data += numbers.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def make(name, folder):
    import torch
    import torchvision

    torch.manual_seed(3)
    model = getattr(torchvision.models, name)().eval()
    for key, values in model.state_dict().items():
        # Statistics other than those that a normalization begins with.
        if key.endswith("running_mean"):
            values.copy_(torch.rand_like(values) * 0.2 - 0.1)
        if key.endswith("running_var"):
            values.copy_(torch.rand_like(values) + 0.5)
    x = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        y = model(x)
    os.makedirs(folder, exist_ok=True)
    write_safetensors(os.path.join(folder, "weights.safetensors"), model.state_dict())
    numpy.save(os.path.join(folder, "x.npy"), x.numpy())
    numpy.save(os.path.join(folder, "y.npy"), y.numpy())


def compare(folder):
    ours, theirs = (numpy.load(os.path.join(folder, name)) for name in ("fovea.npy", "y.npy"))
    print(f"largest difference {abs(ours - theirs).max():.2g} of outputs up to {abs(theirs).max():.3g}")


if __name__ == "__main__":
    {"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
