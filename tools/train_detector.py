# Trains the demo shelf's detector on rendered scenes and writes models/demo-shelf: run with Debian's python3-torch.
"""A plain convolutional grid detector that speaks DETR's language.

in   pixel_values  float32 [batch, 3, 240, 320], RGB / 255, normalised with ImageNet mean and deviation
out  logits        float32 [batch, 600, classes + 1]; the last class is "no object"
     pred_boxes    float32 [batch, 600, 4]; cx, cy, w, h as shares of the picture

Each of the 40 x 15 cells is one query. A piece is claimed most strongly by the cell nearest to its middle; a 3 x 3
maximum filter inside the model turns every weaker neighbour into "no object", so that, as with DETR, one piece gives one
detection and the caller needs no non-maximum suppression.
"""
import argparse
import json
import math
import os
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
HEIGHT, WIDTH = 240, 320
# Pieces stand in rows: neighbours are 16 px apart or more sideways, rows 70 px. Hence finer cells sideways.
STRIDE_Y, STRIDE_X = 16, 8
ROWS, COLUMNS = HEIGHT // STRIDE_Y, WIDTH // STRIDE_X
# Share of the claim left in a cell whose middle is half a cell away both ways; see claims().
CLAIM_WIDTH = 1.54
# Added to "no object" where a neighbour's claim is stronger: far beyond any logit.
SUPPRESS = 40.0
# A piece counts from this share of its pixels on (held-out.ts says the same); between the two nobody is asked to decide.
VISIBLE_MIN = 0.35
VISIBLE_NONE = 0.2
OPSET = 13


def block(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class GridDetector(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.classes = classes
        self.body = nn.Sequential(
            block(3, 20, 2),
            block(20, 40, 2),
            block(40, 80, 2),
            block(80, 80, (2, 1)),
            block(80, 80),
            block(80, 80),
            block(80, 80),
        )
        self.head = nn.Conv2d(80, classes + 1 + 4, 1)
        with torch.no_grad():
            # Most cells are empty: start there.
            self.head.bias.zero_()
            self.head.bias[classes] = 3.0
        rows, columns = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
        self.register_buffer("cell", torch.stack([columns, rows]).float() + 0.5)
        self.register_buffer("cells", torch.tensor([COLUMNS, ROWS]).float().view(2, 1, 1))

    def forward(self, pixel_values):
        """Logits and boxes as maps, before the maximum filter: what the loss looks at."""
        out = self.head(self.body(pixel_values))
        logits, raw = out[:, : self.classes + 1], out[:, self.classes + 1 :]
        # The middle lies within one and a half cells of the cell that claims it.
        centre = (self.cell + 3 * torch.sigmoid(raw[:, :2]) - 1.5) / self.cells
        return logits, torch.cat([centre, torch.sigmoid(raw[:, 2:])], 1)


class DetrInterface(nn.Module):
    """What is exported: the maximum filter, then maps to queries."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, pixel_values):
        logits, boxes = self.detector(pixel_values)
        things, nothing = logits[:, :-1], logits[:, -1:]
        claim = things.max(1, keepdim=True).values - nothing
        beaten = (claim < F.max_pool2d(claim, 3, stride=1, padding=1)).float()
        logits = torch.cat([things, nothing + SUPPRESS * beaten], 1)
        return logits.flatten(2).transpose(1, 2), boxes.flatten(2).transpose(1, 2)


def claims(labels, classes):
    """Targets of one picture: class shares [classes + 1, rows, columns], boxes [4, rows, columns], cells that count."""
    share = np.zeros((classes + 1, ROWS, COLUMNS), np.float32)
    boxes = np.zeros((4, ROWS, COLUMNS), np.float32)
    best = np.full((ROWS, COLUMNS), 0.02, np.float32)
    owner = np.full((ROWS, COLUMNS), classes)
    counts = np.ones((ROWS, COLUMNS), np.float32)
    ys, xs = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    for kind, cx, cy, w, h, visible in labels:
        if visible < VISIBLE_NONE:
            continue
        away = (xs - cx * COLUMNS) ** 2 + (ys - cy * ROWS) ** 2
        # Flat near the middle, steep at the edge: 0.9 at a cell's corner, 0.66 one cell off, 0.1 one and a half.
        claim = 0.995 * np.exp(-((away / CLAIM_WIDTH) ** 2))
        mine = claim > best
        best[mine] = claim[mine]
        if visible < VISIBLE_MIN:
            counts[mine] = 0
            owner[mine] = classes
            continue
        counts[mine] = 1
        owner[mine] = int(kind)
        boxes[:, mine] = np.array([cx, cy, w, h], np.float32)[:, None]
    for kind in range(classes):
        mask = owner == kind
        share[kind][mask] = best[mask]
    share[classes] = 1 - share[:classes].sum(0)
    return share, boxes, counts


def load(paths):
    """All parts as one: classes, a list of picture arrays, targets, pieces a picture."""
    parts, shares, boxes, counts, pieces = [], [], [], [], []
    for path in paths:
        with open(path + ".json", encoding="utf-8") as file:
            meta = json.load(file)
        assert (meta["width"], meta["height"]) == (WIDTH, HEIGHT)
        pictures = np.memmap(path + ".rgb", np.uint8, "r").reshape(-1, HEIGHT, WIDTH, 3)
        assert len(pictures) == len(meta["labels"])
        parts.append(pictures)
        targets = [claims(labels, len(meta["classes"])) for labels in meta["labels"]]
        shares.append(np.stack([t[0] for t in targets]).astype(np.float16))
        boxes.append(np.stack([t[1] for t in targets]).astype(np.float16))
        counts.append(np.stack([t[2] for t in targets]).astype(np.float16))
        pieces.append(np.array([max(1, len(labels)) for labels in meta["labels"]], np.float32))
    return meta["classes"], parts, *(np.concatenate(each) for each in (shares, boxes, counts, pieces))


def pick_pictures(parts, chosen):
    """Pictures by their number over all parts, in that order."""
    starts = np.cumsum([0] + [len(part) for part in parts])
    which = np.searchsorted(starts, chosen, "right") - 1
    return np.stack([parts[w][n - starts[w]] for w, n in zip(which, chosen)])


def train(detector, data, seconds, batch, rate, seed, save):
    _, parts, shares, boxes, counts, pieces = data
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    optimiser = torch.optim.AdamW(detector.parameters(), lr=rate, weight_decay=1e-4)
    generator = np.random.default_rng(seed)
    started, step, shown, saved = time.monotonic(), 0, 0.0, time.monotonic()
    while True:
        order = generator.permutation(len(shares))
        for at in range(0, len(order) - batch + 1, batch):
            spent = (time.monotonic() - started) / seconds
            if spent >= 1:
                return step
            # One cycle by the clock: warm up for a twentieth, then fall along a cosine.
            factor = spent / 0.05 if spent < 0.05 else 0.5 * (1 + math.cos(math.pi * (spent - 0.05) / 0.95))
            for group in optimiser.param_groups:
                group["lr"] = rate * max(factor, 0.01)
            pick = np.sort(order[at : at + batch])
            light = torch.from_numpy(generator.uniform(0.85, 1.15, (batch, 3, 1, 1)).astype(np.float32))
            light = light * torch.from_numpy(generator.uniform(0.8, 1.2, (batch, 1, 1, 1)).astype(np.float32))
            pixels = torch.from_numpy(pick_pictures(parts, pick)).permute(0, 3, 1, 2).float().mul(light)
            pixels = pixels.clamp(0, 255).div(255).contiguous(memory_format=torch.channels_last)
            logits, predicted = detector((pixels - mean) / std)
            share, box, counted = (torch.from_numpy(a[pick].astype(np.float32)) for a in (shares, boxes, counts))
            total = float(pieces[pick].sum())
            classes = -((share * F.log_softmax(logits, 1)).sum(1) * counted).sum() / total
            claimed = (share[:, -1:] < 0.5).float()
            place = ((predicted - box).abs() * claimed).sum() / total
            loss = classes + 5 * place
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            step += 1
            if time.monotonic() - shown > 20:
                shown = time.monotonic()
                print(f"{spent:5.1%} step {step} classes {classes.item():.4f} place {place.item():.4f}", flush=True)
            if time.monotonic() - saved > 300:
                saved = time.monotonic()
                save()


def export(detector, classes, folder):
    detector.eval()
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(
        DetrInterface(detector),
        torch.zeros(1, 3, HEIGHT, WIDTH),
        os.path.join(folder, "model.onnx"),
        opset_version=OPSET,
        input_names=["pixel_values"],
        output_names=["logits", "pred_boxes"],
        dynamic_axes={name: {0: "batch"} for name in ("pixel_values", "logits", "pred_boxes")},
    )
    write(folder, "config.json", {
        "model_type": "detr",
        "architectures": ["GridDetector"],
        "num_queries": ROWS * COLUMNS,
        "id2label": {str(n): name for n, name in enumerate(classes)},
        "label2id": {name: n for n, name in enumerate(classes)},
    })
    write(folder, "preprocessor_config.json", {
        "image_processor_type": "DetrImageProcessor",
        "do_resize": True,
        "size": {"height": HEIGHT, "width": WIDTH},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(MEAN),
        "image_std": list(STD),
        "do_pad": False,
    })


def write(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2)
        file.write("\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--data", nargs="+", default=["tools/data/train"], help="what render-scenes.ts wrote, without its ending"
    )
    options.add_argument("--out", default="models/demo-shelf")
    options.add_argument("--seconds", type=float, default=2400, help="wall-clock time to train")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--batch", type=int, default=16)
    options.add_argument("--rate", type=float, default=3e-3)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    data = load(given.data)
    detector = GridDetector(len(data[0])).to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in detector.parameters())} parameters, {len(data[2])} pictures", flush=True)
    def save():
        detector.eval()
        export(detector, data[0], given.out)
        detector.train()

    steps = train(detector, data, given.seconds, given.batch, given.rate, given.seed, save)
    save()
    print(f"{steps} steps, model in {given.out}")


if __name__ == "__main__":
    main()
