# SPDX-License-Identifier: GPL-2.0-or-later
"""What came out: cells, ratios paired per round, the table, and the table in the docs."""

import json
import statistics

UNSTABLE = 0.15
PEERS = ("nbdkit", "qemu")
PLAIN_GOALS = {"ours-512": 0.65, "ours-4096": 0.80}
FIRST_BYTE_GOAL_MS = 20
MEMORY_GOAL_MIB = 20


def summary(values):
    """Median and spread of the rounds; unstable when it moves by more than 15 %."""
    median = statistics.median(values)
    return {"rounds": values, "median": median, "min": min(values), "max": max(values),
            "unstable": max(values) - min(values) > UNSTABLE * median}


def verdict(ratio, goal):
    """met or missed only where every round agrees with the median; a goal is never met by luck."""
    if goal is None:
        return ""
    if ratio["min"] >= goal:
        return "met"
    if ratio["max"] < goal:
        return "missed"
    return "met by the median" if ratio["median"] >= goal else "missed by the median"


class Results:
    """Every measured cell of a run, by (row key, candidate), one entry a round."""

    def __init__(self, rows, about):
        self.rows = rows
        self.about = about
        self.cells = {}
        self.starts = {}  # candidate -> list of (first byte in ms, RSS, highest RSS in bytes)
        self.skipped = {}

    def add(self, row, candidate, cell):
        self.cells.setdefault((row.key, candidate), []).append(cell)

    def add_server(self, candidate, first_byte_ms, rss, highest):
        self.starts.setdefault(candidate, []).append((first_byte_ms, rss, highest))

    def values(self, row, candidate):
        return [cell["value"] for cell in self.cells.get((row.key, candidate), [])]

    def peer_values(self, row):
        """The better peer of each round."""
        found = [values for values in (self.values(row, peer) for peer in PEERS) if values]
        return [max(of_round) for of_round in zip(*found)]

    def ratio(self, row, candidate, against):
        reference = self.peer_values(row) if against == "peer" else self.values(row, against)
        pairs = [a / b for a, b in zip(self.values(row, candidate), reference) if b > 0]
        return summary(pairs) if pairs else None

    def ratios(self):
        """All ratios that have a meaning, with their goals."""
        for row in self.rows:
            for candidate, plain_goal in PLAIN_GOALS.items():
                ratio = self.ratio(row, candidate, "plain")
                if ratio:
                    yield row, candidate, "plain", plain_goal if row.plain_goal else None, ratio
            ratio = self.ratio(row, "ours-512", "peer")
            if ratio:
                yield row, "ours-512", "peer", row.peer_goal, ratio

    def missed(self):
        """Sentences about goals that no round reached; these alone fail the benchmark."""
        found = []
        for row, candidate, against, goal, ratio in self.ratios():
            if verdict(ratio, goal) == "missed":
                found.append(f"{row.title}: {candidate} is {ratio['median']:.2f} of {against}, "
                             f"goal {goal}")
        for candidate, starts in self.starts.items():
            if not candidate.startswith("ours"):
                continue
            if min(start[0] for start in starts) >= FIRST_BYTE_GOAL_MS:
                found.append(f"{candidate}: first byte after "
                             f"{min(start[0] for start in starts):.0f} ms, goal "
                             f"{FIRST_BYTE_GOAL_MS} ms")
            if min(start[2] for start in starts) >= MEMORY_GOAL_MIB << 20:
                found.append(f"{candidate}: {min(start[2] for start in starts) / 2**20:.0f} MiB "
                             f"of memory, goal {MEMORY_GOAL_MIB} MiB")
        return found

    def lines(self):
        """One object per cell, ratio and server: what results.jsonl holds."""
        yield {"schema": 1, "kind": "about", **self.about, "skipped": self.skipped}
        for (row, candidate), cells in self.cells.items():
            unit = next(r.unit for r in self.rows if r.key == row)
            yield {"kind": "cell", "row": row, "candidate": candidate, "unit": unit,
                   **summary([cell["value"] for cell in cells]),
                   "client_cpu_per_gib": [cell["client_cpu_per_gib"] for cell in cells],
                   "server_cpu_per_gib": [cell["server_cpu_per_gib"] for cell in cells],
                   "seconds": [cell["seconds"] for cell in cells],
                   "bytes": [cell["bytes"] for cell in cells]}
        for row, candidate, against, goal, ratio in self.ratios():
            yield {"kind": "ratio", "row": row.key, "title": row.title, "candidate": candidate,
                   "against": against, "goal": goal, "verdict": verdict(ratio, goal), **ratio}
        for candidate, starts in self.starts.items():
            yield {"kind": "server", "candidate": candidate,
                   "first_byte_ms": [start[0] for start in starts],
                   "rss": [start[1] for start in starts],
                   "rss_highest": [start[2] for start in starts]}

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for line in self.lines():
                file.write(json.dumps(line) + "\n")


def number(value):
    if value >= 10000:
        return f"{value / 1000:.0f}k" if value >= 100000 else f"{value / 1000:.1f}k"
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def cell_text(cells):
    if not cells:
        return "-"
    values = summary([cell["value"] for cell in cells])
    cpu = statistics.median(cell["client_cpu_per_gib"] + cell["server_cpu_per_gib"]
                            for cell in cells)
    cpu_text = f"{cpu:.2f}" if cpu < 10 else f"{cpu:.0f}"
    mark = " !" if values["unstable"] else ""
    return (f"{number(values['median'])} ({number(values['min'])}-{number(values['max'])}) "
            f"c{cpu_text}{mark}")


def ratio_text(ratio, goal):
    if not ratio:
        return "-"
    text = f"{ratio['median']:.2f} ({ratio['min']:.2f}-{ratio['max']:.2f})"
    if ratio["unstable"]:
        text += " !"
    return text if goal is None else f"{text} goal {goal:g} {verdict(ratio, goal)}"


def tables(results, candidates):
    """Three tables, each a list of rows of text, the first one the head."""
    absolute = [["row", "unit", *candidates]]
    ratios = [["row", "512 of plain", "4096 of plain", "512 of the better peer"]]
    for row in results.rows:
        absolute.append([row.title, row.unit,
                         *(cell_text(results.cells.get((row.key, c))) for c in candidates)])
        ratios.append([row.title,
                       *(ratio_text(results.ratio(row, c, "plain"), g if row.plain_goal else None)
                         for c, g in PLAIN_GOALS.items()),
                       ratio_text(results.ratio(row, "ours-512", "peer"), row.peer_goal)])
    servers = [["server", f"first byte, ms (goal of ours: under {FIRST_BYTE_GOAL_MS})",
                "VmRSS, MiB", f"VmHWM, MiB (goal of ours: under {MEMORY_GOAL_MIB})"]]
    for candidate in candidates:
        starts = results.starts.get(candidate)
        if starts:
            times, rss, highest = zip(*starts)
            servers.append([candidate,
                            f"{statistics.median(times):.1f} ({min(times):.1f}-{max(times):.1f})",
                            f"{statistics.median(rss) / 2**20:.1f}", f"{max(highest) / 2**20:.1f}"])
    return absolute, ratios, servers


def plain_text(table):
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip()
                     for line in table)


def markdown(table):
    lines = ["| " + " | ".join(line) + " |" for line in table]
    lines.insert(1, "|" + "---|" * len(table[0]))
    return "\n".join(lines)


def write_docs(path, results, candidates):
    """Replaces what stands between the two marks of the page; the rest is written by hand."""
    begin, end = "<!-- made by tests/bench/run --write-docs -->\n", "<!-- end -->\n"
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split(begin, 1)
        after = rest.split(end, 1)[1]
    about = results.about
    head = (f"{about['processor']}, {about['cpus']} CPUs, kernel {about['kernel']}, "
            f"{about['date']}; {about['rounds']} rounds of {about['seconds']} s a cell; "
            f"load before the first round {about['load']}; priority: {about['priority']}; "
            f"{about['versions']}.\n")
    absolute, ratios, servers = tables(results, candidates)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n" + head + "\n" + "\n\n".join(
            markdown(table) for table in (ratios, absolute, servers)) + "\n\n" + end + after)
