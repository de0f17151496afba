// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <stddef.h>
#include "verbs.h"

#define V(verb) (UINT64_C(1) << VERB_##verb)

/* Groups of verbs that accept the same options. */
#define KEYS \
	(V(KEY_ADD) | V(KEY_REMOVE) | V(KEY_CHANGE) | V(KEY_LIST) | V(KEY_TEST) | V(KEY_RECOVERY))
#define HEADERS (V(HEADER_BACKUP) | V(HEADER_RESTORE) | V(HEADER_CHECK))
#define MAINTAIN (V(RESIZE) | V(TRIM) | V(FSCK))
#define UNLOCKS (V(OPEN) | V(MOUNT) | V(RESUME) | MAINTAIN)
#define TAKES_SECRET (V(CREATE) | UNLOCKS | (KEYS & ~V(KEY_LIST)))
#define TAKES_NEW_SECRET (V(KEY_ADD) | V(KEY_CHANGE))
#define TAKES_CONTAINER (V(CREATE) | UNLOCKS | KEYS | HEADERS | V(INFO) | V(ID_SHOW) | V(ERASE))
#define CHANGES_KEYS (V(KEY_ADD) | V(KEY_REMOVE) | V(KEY_CHANGE) | V(KEY_RECOVERY))
#define ALL OPTION_ALL_VERBS

#define FLAG(id_, letter_, name_, alias_, verbs_, help_)                                  \
	{                                                                                 \
		OPT_##id_, OPTION_FLAG, letter_, name_, alias_, NULL, NULL, verbs_, help_ \
	}
#define VALUE(id_, kind_, letter_, name_, value_, verbs_, help_)                             \
	{                                                                                    \
		OPT_##id_, OPTION_##kind_, letter_, name_, NULL, value_, NULL, verbs_, help_ \
	}
#define CHOICE(id_, name_, value_, choices_, verbs_, help_)                             \
	{                                                                               \
		OPT_##id_, OPTION_TEXT, 0, name_, NULL, value_, choices_, verbs_, help_ \
	}
#define LATER(name_)                                                         \
	{                                                                    \
		OPT_LATER, OPTION_LATER, 0, name_, NULL, NULL, NULL, 0, NULL \
	}
#define SECRET(name_)                                                          \
	{                                                                      \
		OPT_SECRET, OPTION_SECRET, 0, name_, NULL, NULL, NULL, 0, NULL \
	}

/* clang-format off */
const struct option option_table[] = {
	/* of single verbs, in the order in which their help shows them */
	VALUE(SIZE, SIZE, 0, "size", "SIZE", V(CREATE), "size of the container file, such as 10G or 500MiB"),
	CHOICE(FS, "fs", "TYPE", "ext4|vfat|exfat|xfs|btrfs|none", V(CREATE), "filesystem to make (default ext4)"),
	VALUE(FROM, TEXT, 0, "from", "DIR", V(CREATE), "copy this directory into the new filesystem (ext4)"),
	VALUE(LABEL, TEXT, 0, "label", "LABEL", V(CREATE) | V(KEY_ADD) | V(KEY_CHANGE) | V(KEY_RECOVERY), "label of the volume, or of the keyslot"),
	CHOICE(WIPE, "wipe", "HOW", "none|discard|zero|random", V(CREATE), "what happens to old content; allows to replace it"),
	VALUE(CIPHER, TEXT, 0, "cipher", "CIPHER", V(CREATE) | V(BENCHMARK), "sector cipher (default aes-xts-plain64)"),
	VALUE(KEY_SIZE, NUMBER, 0, "key-size", "BITS", V(CREATE) | V(BENCHMARK), "size of the volume key in bits (default 512)"),
	VALUE(SECTOR_SIZE, SIZE, 0, "sector-size", "BYTES", V(CREATE) | V(BENCHMARK), "encryption sector, 512 to 4096 (default 4096)"),
	FLAG(OVERCOMMIT, 0, "overcommit", NULL, V(CREATE), "allow a file larger than the free space"),
	VALUE(HEADER, TEXT, 0, "header", "FILE", TAKES_CONTAINER, "the header lies in this file"),
	FLAG(FORCE, 0, "force", NULL, V(CREATE) | V(UMOUNT) | V(CLOSE) | V(EJECT) | V(KEY_REMOVE) | V(ERASE) | V(DEFINE), "see above"),
	VALUE(NAME, TEXT, 0, "name", "NAME", V(OPEN) | V(MOUNT), "name of the volume while it is open"),
	FLAG(READONLY, 'r', "readonly", "read-only", V(OPEN) | V(MOUNT), "nothing can be written"),
	CHOICE(BACKEND, "backend", "BACKEND", "auto|kmod|loop|fuse", V(OPEN) | V(MOUNT) | V(DEFINE), "how the disk is attached (default auto)"),
	FLAG(COPY, 0, "copy", NULL, V(OPEN) | V(MOUNT), "open it beside another container with the same ID"),
	VALUE(OPTIONS, TEXT, 'o', "options", "OPTS", V(MOUNT) | V(DEFINE), "mount options, comma separated"),
	VALUE(OWNER, TEXT, 0, "owner", "USER", V(MOUNT), "mount for this user (only root)"),
	FLAG(STRICT, 0, "strict", NULL, V(MOUNT), "fail when the mount point cannot be had as asked"),
	FLAG(ALL, 0, "all", NULL, V(UMOUNT) | V(LOCK) | V(LIST), "all volumes; for list also those of other users"),
	FLAG(GLOBAL, 0, "global", NULL, V(DEFINE) | V(UNDEFINE), "the definition that everybody has (only root; root's default)"),
	FLAG(USER, 0, "user", NULL, V(DEFINE) | V(UNDEFINE), "the definition that only you have (default)"),
	VALUE(WAIT, TIME, 0, "wait", "TIME", V(UMOUNT) | V(CLOSE) | V(EJECT), "wait this long while it is in use, such as 10s"),
	CHOICE(WAIT_STATE, "wait", "STATE", "configured|locked|unlocked|mounted|mounted-elsewhere|missing-media|stale|departed", V(EVENTS), "print nothing, end when the volume is in this state"),
	VALUE(SINCE, NUMBER, 0, "since", "SEQ", V(EVENTS), "begin with what the log holds behind this number; 0 = all"),
	FLAG(LAZY, 0, "lazy", NULL, V(UMOUNT) | V(EJECT), "unmount now, detach when nobody uses it any more"),
	VALUE(KEY_SLOT, NUMBER, 'S', "key-slot", "N", UNLOCKS | (KEYS & ~V(KEY_LIST)), "only this keyslot"),
	FLAG(KEEP_HEADER_BACKUP, 0, "keep-header-backup", NULL, CHANGES_KEYS | V(HEADER_RESTORE), "keep the copy of the old header"),
	FLAG(QR, 0, "qr", NULL, V(KEY_RECOVERY), "print a QR code even when the output is no terminal"),
	FLAG(REPAIR, 0, "repair", NULL, V(FSCK) | V(HEADER_CHECK), "mend what is wrong"),
	FLAG(ALLOW_OLDER, 0, "allow-older", NULL, V(HEADER_RESTORE), "restore a header that is older than the present one"),
	FLAG(ALLOW_OTHER, 0, "allow-other-id", NULL, V(HEADER_RESTORE), "restore the header of another volume"),

	/* secrets */
	VALUE(KEY_FILE, TEXT, 'd', "key-file", "FILE", TAKES_SECRET, "raw bytes of FILE are the secret; - is standard input"),
	VALUE(KEYFILE_OFFSET, SIZE, 0, "keyfile-offset", "BYTES", TAKES_SECRET, "skip this much of the key file"),
	VALUE(KEYFILE_SIZE, SIZE, 0, "keyfile-size", "BYTES", TAKES_SECRET, "use this much of the key file"),
	VALUE(KEY_FD, NUMBER, 0, "key-fd", "N", TAKES_SECRET, "raw bytes of an open descriptor are the secret"),
	FLAG(PASSPHRASE_STDIN, 0, "passphrase-stdin", NULL, TAKES_SECRET, "one line of standard input is the secret"),
	CHOICE(ASK, "ask", "HOW", "agent|tty|auto", TAKES_SECRET, "how to prompt (default auto)"),
	VALUE(NEW_KEY_FILE, TEXT, 0, "new-key-file", "FILE", TAKES_NEW_SECRET, "raw bytes of FILE are the new secret"),
	VALUE(NEW_KEY_FD, NUMBER, 0, "new-key-fd", "N", TAKES_NEW_SECRET, "raw bytes of a descriptor are the new secret"),

	/* of every verb */
	FLAG(JSON, 0, "json", NULL, ALL, "one JSON document on standard output, also on failure"),
	FLAG(QUIET, 'q', "quiet", NULL, ALL, "less on standard error"),
	FLAG(VERBOSE, 'v', "verbose", NULL, ALL, "more on standard error"),
	FLAG(DEBUG, 0, "debug", NULL, ALL, "everything on standard error"),
	FLAG(NO_INPUT, 0, "no-input", "no-user-interaction", ALL, "never prompt; a missing secret is exit 6"),
	FLAG(YES, 'y', "yes", "batch-mode", ALL, "agree to destructive verbs"),
	VALUE(TIMEOUT, TIME, 't', "timeout", "TIME", ALL, "limit for prompts and waits"),
	VALUE(TRIES, NUMBER, 'T', "tries", "N", ALL, "how often a prompt is repeated (default 3)"),
	CHOICE(SCOPE, "scope", "SCOPE", "session|user|global|group", ALL, "who sees the volume"),
	CHOICE(COLOR, "color", "WHEN", "auto|always|never", ALL, "colours (default auto: on terminals)"),
	FLAG(PROGRESS_JSON, 0, "progress-json", NULL, ALL, "progress as JSON lines on standard error"),
	VALUE(PROGRESS_FD, NUMBER, 0, "progress-fd", "N", ALL, "progress as JSON lines on a descriptor"),
	FLAG(EXPLAIN, 0, "explain", NULL, ALL, "tell the order of decisions and what each gave"),
	FLAG(DRY_RUN, 0, "dry-run", NULL, ALL, "print the plan, change nothing"),
	VALUE(KDF_MEMORY, SIZE, 0, "kdf-memory", "SIZE", ALL, "memory cost of a new keyslot"),
	VALUE(KDF_PASSES, NUMBER, 0, "kdf-passes", "N", ALL, "passes of a new keyslot (default 4)"),
	FLAG(REQUIRE_LOCKED_MEMORY, 0, "require-locked-memory", NULL, ALL, "fail where memory for secrets cannot be locked"),
	FLAG(ALLOW_NULL_CIPHER, 0, "allow-null-cipher", NULL, ALL, "accept a container that is not encrypted at all"),
	FLAG(HELP, 'h', "help", NULL, ALL, "this text"),
	FLAG(VERSION, 0, "version", NULL, ALL, "the version"),

	LATER("keyring"), LATER("token-only"), LATER("token-id"), LATER("token-type"),
	LATER("keyfile"), LATER("pim"), LATER("hidden"), LATER("persist"), LATER("idle"),
	LATER("repo-key-file"), LATER("repo-key-fd"),
	SECRET("password"), SECRET("passphrase"), SECRET("passwd"), SECRET("pass"),
	{0, 0, 0, NULL, NULL, NULL, NULL, 0, NULL},
};
/* clang-format on */
