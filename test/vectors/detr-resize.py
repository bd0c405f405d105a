# Makes detr-resize.json: what Pillow's bilinear resize gives for pictures that anybody can compute. Needs Pillow and numpy.
import hashlib
import json
import sys

import numpy as np
import PIL
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])
CASES = [((1280, 720), (1333, 750)), ((640, 480), (1066, 800)), ((1920, 1080), (1333, 750)), ((64, 48), (17, 29)),
         ((5, 3), (31, 2)), ((1280, 720), (640, 640)), ((853, 480), (1333, 750)),
         ((320, 240), (320, 240)), ((100, 100), (100, 37)), ((1, 1), (4, 5))]


def picture(width, height):
    """Noise from a 32-bit generator: the hardest thing to resize, and the same everywhere."""
    state, out = 1, bytearray()
    for _ in range(width * height * 3):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state >> 24)
    return Image.frombytes("RGB", (width, height), bytes(out))


cases = []
for source, target in CASES:
    rgb = np.asarray(picture(*source).resize(target, Image.Resampling.BILINEAR))
    values = ((rgb / 255 - MEAN) / STD).astype(np.float32).transpose(2, 0, 1).ravel()
    step = max(1, values.size // 7)
    cases.append({
        "from": source, "to": target, "sha256": hashlib.sha256(rgb.tobytes()).hexdigest(),
        "normalised": [[i, round(float(values[i]), 6)] for i in range(0, values.size, step)],
    })
with open(sys.argv[1], "w") as file:
    file.write(json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1) + "\n")
