# SPDX-License-Identifier: GPL-2.0-or-later
"""
The ratios as an SVG: one line per row, a dot at the median, a bar over the spread, a mark at the
goal. Called by run; alone: plot.py results.jsonl > performance.svg
"""

import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH = 960
LABEL = 230  # room for the rows' names
PANEL = 640  # of the scale
LINE = 34
TOP = 96
GAP = 92
RIGHT = 70
COLOURS = {"ours-512": "#0b62a4", "ours-4096": "#c25a00"}
NAMES = {"ours-512": "LUKS1, 512-byte sectors", "ours-4096": "LUKS2, 4096-byte sectors"}
GOAL = "#7a0019"


def text(x, y, what, size=13, anchor="start", colour="#222", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" font-weight="{weight}" paint-order="stroke" stroke="#fff" '
            f'stroke-width="3">{escape(what)}</text>')


def line(x1, y1, x2, y2, colour, width=1.0, dash=""):
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}"{dashes}/>')


class Scale:
    """Ratios to pixels, linear from 0, with at most about ten ticks."""

    def __init__(self, highest):
        step = 10 ** math.floor(math.log10(highest))
        for factor in (0.1, 0.2, 0.5, 1):
            if highest / (step * factor) <= 10:
                self.step = step * factor
                break
        self.ticks = math.ceil(highest / self.step)
        self.highest = self.ticks * self.step

    def x(self, ratio):
        return LABEL + PANEL * min(ratio, self.highest) / self.highest

    def draw(self, top, bottom):
        for tick in range(self.ticks + 1):
            value = tick * self.step
            yield line(self.x(value), top, self.x(value), bottom,
                       "#444" if abs(value - 1) < 1e-9 else "#ddd")
            yield text(self.x(value), bottom + 18, f"{value:g}", 12, "middle", "#444")


def dot(scale, ratio, y, colour):
    """Spread and median; hollow where the rounds moved by more than 15 %."""
    x = scale.x(ratio["median"])
    fill = "#fff" if ratio["unstable"] else colour
    yield line(scale.x(ratio["min"]), y, scale.x(ratio["max"]), y, colour, 2.5)
    yield (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{colour}" '
           f'stroke-width="2"/>')
    yield text(scale.x(max(ratio["max"], ratio["median"])) + 9, y + 4, f'{ratio["median"]:.2f}',
               11, colour=colour)


def panel(ratios, title, top):
    """Drawn parts of one panel and where it ends."""
    keys = list(dict.fromkeys(ratio["row"] for ratio in ratios))
    candidates = list(dict.fromkeys(ratio["candidate"] for ratio in ratios))
    highest = max([ratio["max"] for ratio in ratios] + [r["goal"] or 0 for r in ratios])
    scale = Scale(max(highest, 1.0) * 1.02)
    bottom = top + LINE * len(keys)
    parts = [text(16, top - 14, title, 15, weight="bold"), *scale.draw(top, bottom)]
    for number, title in enumerate({ratio["row"]: ratio["title"] for ratio in ratios}.values()):
        parts.append(text(LABEL - 10, top + LINE * (number + 0.5) + 4, title, 13, "end"))
    for ratio in ratios:
        middle = top + LINE * (keys.index(ratio["row"]) + 0.5)
        shift = (candidates.index(ratio["candidate"]) - (len(candidates) - 1) / 2) * 14
        if ratio["goal"] is not None:
            x = scale.x(ratio["goal"])
            parts.append(line(x, middle + shift - 8, x, middle + shift + 8, GOAL, 3))
        parts.extend(dot(scale, ratio, middle + shift, COLOURS[ratio["candidate"]]))
    return parts, bottom


def legend(y):
    x = 16
    for candidate, name in NAMES.items():
        yield f'<circle cx="{x + 5}" cy="{y - 4}" r="5" fill="{COLOURS[candidate]}"/>'
        yield text(x + 16, y, name, 12)
        x += 190
    yield line(x + 5, y - 12, x + 5, y + 4, GOAL, 3)
    yield text(x + 14, y, "goal", 12)
    yield text(x + 70, y, "dot: median; bar: lowest to highest round; hollow: moved by more "
               "than 15 %", 12)


def draw(lines):
    """The whole picture as text, from the objects of results.jsonl."""
    said = next(item for item in lines if item["kind"] == "about")
    ratios = [item for item in lines if item["kind"] == "ratio"]
    about = (f'{said["processor"]}, {said["cpus"]} CPUs, kernel {said["kernel"]}, '
             f'{said["date"]}, {said["rounds"]} rounds of {said["seconds"]:g} s')
    parts = [text(16, 26, "cryptdisk on the fuse backend", 17, weight="bold"),
             text(16, 44, about, 12, colour="#444"), *legend(64)]
    top = TOP
    for against, title in (("plain", "Of the same server without a cipher"),
                           ("peer", "Times the better of nbdkit and qemu-storage-daemon, "
                                    "same LUKS1 image")):
        some = [ratio for ratio in ratios if ratio["against"] == against]
        if some:
            drawn, bottom = panel(some, title, top + 20)
            parts += drawn
            top = bottom + GAP - 20
    height = top - GAP + 60
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as results:
        sys.stdout.write(draw([json.loads(item) for item in results]))
