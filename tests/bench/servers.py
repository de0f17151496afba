# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is measured: ours with a cipher and without, and the peers. Each serves one file."""

import os
import secrets
import shutil
import subprocess
import time

from load import FILE_SIZE, MIB

START_LIMIT = 20.0  # seconds until a server must have answered
STOP_LIMIT = 10.0
CALL_LIMIT = 60.0
# One reserve of 16 MiB is enough for the header of both LUKS versions.
IMAGE_SIZE = FILE_SIZE + 16 * MIB


class ServerError(Exception):
    """A server did not start or did not end; the text is for people."""


def text_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().strip()


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def mount_source(directory):
    """The source of the mount at directory as mountinfo shows it, or None."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            fields = line.split()
            if fields[4] == directory:
                return fields[fields.index("-") + 2]
    return None


class Server:
    """A file `disk` served by the processes `pids`, from start() to stop()."""

    name = title = ""

    def __init__(self, work):
        self.work = work  # a directory for this run of the benchmark
        self.directory = os.path.join(work, self.name)
        self.disk = None
        self.pids = []
        self.process = None
        self.first_byte_ms = None

    def missing(self):
        """Why this server cannot run here, or None."""
        return None

    def command(self):
        raise NotImplementedError

    def begin(self):
        os.makedirs(self.directory, exist_ok=True)
        self.log = os.path.join(self.work, self.name + ".log")

    def spawn(self, command):
        with open(self.log, "wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=log)

    def first_byte(self):
        """True once one byte of the disk could be read."""
        try:
            fd = os.open(self.disk, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return len(os.pread(fd, 1, 0)) == 1
        except OSError:
            return False
        finally:
            os.close(fd)

    def start(self):
        self.begin()
        command = self.command()
        begin = time.monotonic()
        self.process = self.spawn(command)
        while not self.first_byte():
            if self.process.poll() is not None:
                raise ServerError(f"{self.name} ended: {text_of(self.log)}")
            if time.monotonic() - begin > START_LIMIT:
                raise ServerError(f"{self.name} did not serve its disk in {START_LIMIT:.0f} s")
            time.sleep(0.0002)
        self.first_byte_ms = (time.monotonic() - begin) * 1000
        self.pids = self.find_pids()

    def find_pids(self):
        return [self.process.pid]

    def end(self):
        self.process.terminate()

    def stop(self):
        """Ends what start() started, also half of it; never raises."""
        if self.process is None:
            return
        try:
            self.end()
            self.process.wait(STOP_LIMIT)
        except (OSError, subprocess.SubprocessError):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None
        self.pids = []


class Nbdkit(Server):
    name = "nbdkit"
    title = "nbdkit luks filter, nbdfuse"

    def missing(self):
        return lacking("nbdkit", "nbdfuse", "fusermount3")

    def command(self):
        self.disk = os.path.join(self.directory, "nbd")
        return ["nbdfuse", self.disk, "[", "nbdkit", "-f", "--filter=luks", "file",
                f"file={self.work}/luks1.img", f"passphrase=+{self.work}/key", "]"]

    def find_pids(self):
        return [self.process.pid, *children_of(self.process.pid)]

    def end(self):
        subprocess.run(["fusermount3", "-u", self.directory], capture_output=True, check=True,
                       timeout=STOP_LIMIT)


class Qemu(Server):
    name = "qemu"
    title = "qemu-storage-daemon FUSE export"

    def missing(self):
        return lacking("qemu-storage-daemon")

    def command(self):
        self.disk = os.path.join(self.directory, "disk")
        with open(self.disk, "wb"):
            pass
        return ["qemu-storage-daemon", "--object", f"secret,id=key,file={self.work}/key",
                "--blockdev", f"driver=file,node-name=file,filename={self.work}/luks1.img",
                "--blockdev", "driver=luks,node-name=luks,file=file,key-secret=key",
                "--export", f"type=fuse,id=disk,node-name=luks,mountpoint={self.disk},writable=on"]


class Plain(Server):
    """Our server with no cipher: what FUSE itself costs."""

    name = "plain"
    title = "cryptdisk-serve without a cipher"

    def __init__(self, work, launcher):
        super().__init__(work)
        self.launcher = launcher

    def missing(self):
        return None if os.access(self.launcher, os.X_OK) else f"{self.launcher} was not built"

    def start(self):
        self.begin()
        begin = time.monotonic()
        self.process = self.spawn([self.launcher, f"{self.work}/plain.img", self.directory])
        self.disk = self.process.stdout.readline().decode().rstrip("\n")
        if not self.disk or not self.first_byte():
            raise ServerError(f"{self.name} did not start: {text_of(self.log)}")
        self.first_byte_ms = (time.monotonic() - begin) * 1000
        self.pids = [our_server(self.disk)]


class Ours(Server):
    """The program as it is installed: `cryptdisk open`, later `cryptdisk close`."""

    def __init__(self, work, program, kind, environment):
        self.name = "ours-512" if kind == "luks1" else "ours-4096"
        self.title = ("cryptdisk, LUKS1, 512-byte sectors" if kind == "luks1" else
                      "cryptdisk, LUKS2, 4096-byte sectors")
        super().__init__(work)
        self.program = program
        self.image = os.path.join(work, kind + ".img")
        self.environment = environment
        self.opened = False

    def missing(self):
        return None if os.access(self.program, os.X_OK) else f"{self.program} was not built"

    def call(self, *arguments):
        return subprocess.run([self.program, *arguments], capture_output=True,
                              text=True, check=False, timeout=CALL_LIMIT,
                              stdin=subprocess.DEVNULL, env=self.environment)

    def start(self):
        begin = time.monotonic()
        self.opened = True
        done = self.call("open", "--no-input", "--backend", "fuse", "--key-file",
                         f"{self.work}/key", self.image)
        self.disk = done.stdout.strip()
        if done.returncode != 0 or not self.first_byte():
            raise ServerError(f"{self.name} did not start: {done.stderr.strip()}")
        self.first_byte_ms = (time.monotonic() - begin) * 1000
        self.pids = [our_server(self.disk)]

    def stop(self):
        if not self.opened:
            return
        try:
            done = self.call("close", "--no-input", self.image)
            if done.returncode != 0:
                done = self.call("umount", "--force", "--no-input", self.image)
            if done.returncode != 0:
                print(f"{self.name} was not closed: {done.stderr.strip()}")
        except subprocess.SubprocessError as error:
            print(f"{self.name} was not closed: {error}")
        self.opened = False
        self.pids = []


def our_server(disk):
    """Our server's process as its mount's source names it: cryptdisk:ID:DEV:INO:PID:START."""
    source = mount_source(os.path.dirname(disk))
    if source is None or not source.startswith("cryptdisk:"):
        raise ServerError(f"no server of ours is mounted at {os.path.dirname(disk)}")
    return int(source.split(":")[4])


def lacking(*programs):
    found = [program for program in programs if shutil.which(program) is None]
    return f"not installed: {', '.join(found)}" if found else None


def random_fill(path, size):
    """Every byte written: a sparse file would be another test."""
    with open(path, "r+b") as file:
        while size > 0:
            size -= file.write(os.urandom(min(size, 4 * MIB)))


def make_images(work):
    """
    A key file, two containers with the cheapest KDF that cryptsetup makes, and a plain file. All
    of each file is random before it is formatted, so no read meets a hole.
    """
    key = os.path.join(work, "key")
    with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
              encoding="ascii") as file:
        file.write(secrets.token_hex(16))
    common = ["cryptsetup", "luksFormat", "-q", "--cipher", "aes-xts-plain64", "--key-size", "512",
              "--hash", "sha256", "--pbkdf-force-iterations", "1000", "--key-file", key]
    kinds = {"luks1": ["--type", "luks1"],
             "luks2": ["--type", "luks2", "--sector-size", "4096", "--pbkdf", "pbkdf2"]}
    for name, size in (("plain", FILE_SIZE), ("luks1", IMAGE_SIZE), ("luks2", IMAGE_SIZE)):
        path = os.path.join(work, name + ".img")
        with open(path, "wb") as file:
            file.truncate(size)
        random_fill(path, size)
        if name in kinds:
            subprocess.run([*common, *kinds[name], path], check=True, capture_output=True)
