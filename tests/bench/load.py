# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: the rows, one run of fio, and the CPU time of both sides."""

import json
import os
import subprocess
import time
from dataclasses import dataclass

MIB = 1 << 20
GIB = 1 << 30
FILE_SIZE = 512 * MIB
TICKS = os.sysconf("SC_CLK_TCK")


class LoadError(Exception):
    """fio did not do what it was asked for; the text is for people."""


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    unit: str  # "MiB/s" or "IOPS"
    direction: str  # of fio's result: "read" or "write"
    options: tuple
    timed: bool  # False: passes over the whole file, for what the page cache would falsify
    plain_goal: bool  # the goals against the server without a cipher count here
    peer_goal: float  # times the better peer


def direct(direction, order, size, depth):
    return ("--ioengine=libaio", "--direct=1", f"--bs={size}", f"--iodepth={depth}",
            f"--rw={order}{direction}")


def rows():
    buffered = ("--ioengine=psync", "--bs=1M")
    result = [
        Row("read-1m-buffered", "1 MiB read, buffered", "MiB/s", "read",
            buffered + ("--rw=read",), False, False, 2.5),
        Row("write-1m-fsync", "1 MiB write, buffered, fsync", "MiB/s", "write",
            buffered + ("--rw=write", "--end_fsync=1"), False, False, 2.5),
    ]
    for direction in ("read", "write"):
        for depth in (1, 8):
            result.append(Row(f"{direction}-1m-{depth}", f"1 MiB {direction}, {depth} in flight",
                              "MiB/s", direction, direct(direction, "", "1M", depth),
                              True, depth == 8, 2.5))
    for direction in ("read", "write"):
        for depth in (1, 32):
            result.append(Row(f"{direction}-4k-{depth}", f"4 KiB {direction}, {depth} in flight",
                              "IOPS", direction, direct(direction, "rand", "4k", depth),
                              True, depth == 32, 2.0 if depth == 1 else 2.5))
    return result


def cpu_seconds(pids):
    """User and system time of these processes, their ended threads included."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pids):
    """Resident set now and at its highest, in bytes, of these processes together."""
    found = {"VmRSS": 0, "VmHWM": 0}
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:
            for line in status:
                name, _, rest = line.partition(":")
                if name in found:
                    found[name] += int(rest.split()[0]) * 1024
    return found["VmRSS"], found["VmHWM"]


def fio(disk, row, seconds):
    """One run of fio: its job's result as fio prints it."""
    command = ["fio", "--name=bench", f"--filename={disk}", f"--size={FILE_SIZE}",
               "--output-format=json", "--allow_file_create=0", "--fallocate=none",
               "--norandommap", "--gtod_reduce=1", "--invalidate=1", *row.options]
    if row.timed:
        command += ["--time_based", f"--runtime={int(seconds * 1000)}ms"]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          timeout=120 + 20 * seconds)
    start = done.stdout.find("{")
    if done.returncode != 0 or start < 0:
        raise LoadError(f"fio on {disk}, {row.title}: {(done.stderr or done.stdout).strip()}")
    job = json.loads(done.stdout[start:])["jobs"][0]
    if job["error"] or not job[row.direction]["io_bytes"]:
        raise LoadError(f"fio on {disk}, {row.title}: error {job['error']}")
    return job


def drop_cache(disk):
    """
    The cached pages of a disk are free again. In a virtual machine the first touch of a page costs
    more than all that is measured here: so every cell gets the pages that the one before it had.
    """
    fd = os.open(disk, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def measure(server, row, seconds):
    """
    One cell: value in the row's unit, and CPU seconds per GiB of client and server. fio's CPU
    time is its job's getrusage, so its start-up does not count; nor does it in the server's.
    """
    moved = ops = 0
    elapsed = client = 0.0
    served = cpu_seconds(server.pids)
    begin = time.monotonic()
    while True:
        job = fio(server.disk, row, seconds)
        part = job[row.direction]
        # job_runtime, unlike the direction's own runtime, ends after the last fsync
        part_seconds = max(job["job_runtime"], part["runtime"], 1) / 1000
        moved += part["io_bytes"]
        ops += part["total_ios"]
        elapsed += part_seconds
        client += (job["usr_cpu"] + job["sys_cpu"]) / 100 * job["job_runtime"] / 1000
        if row.timed or time.monotonic() - begin >= seconds:
            break
    served = cpu_seconds(server.pids) - served
    drop_cache(server.disk)
    return {
        "value": ops / elapsed if row.unit == "IOPS" else moved / MIB / elapsed,
        "client_cpu_per_gib": client * GIB / moved,
        "server_cpu_per_gib": served * GIB / moved,
        "seconds": elapsed,
        "bytes": moved,
    }
