// SPDX-License-Identifier: GPL-2.0-or-later
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cryptdisk/cryptdisk.h>

#define VERB(id_, name_, sub_, run_, usage_, min_, max_, flags_, help_, text_, examples_)          \
	{                                                                                          \
		VERB_##id_, name_, sub_, run_, usage_, min_, max_, flags_, help_, text_, examples_ \
	}
#define RUN_DIR VERB_MAKES_RUN_DIR

/* clang-format off */
const struct verb verb_table[] = {
	VERB(CREATE, "create", NULL, verb_create, "FILE", 1, 1, RUN_DIR,
		"make a container: file, header and filesystem in one step",
		"FILE must not exist. An existing file or a device needs --force, and --wipe too if\n"
		"there is anything on it. Prints the ID of the new volume.",
		"cryptdisk create data.img --size 10G\n"
		"cryptdisk create photos.img --from ~/Photos --label photos"),
	VERB(OPEN, "open", NULL, verb_open, "VOL", 1, 1, RUN_DIR,
		"unlock a volume without mounting it",
		"Prints the path where the plain bytes can be read and written.",
		"cryptdisk open data.img --readonly"),
	VERB(CLOSE, "close", NULL, verb_close, "VOL", 1, 1, 0,
		"lock and detach an opened volume",
		"A volume that is not open is no error. A mounted one is for 'umount'.\n"
		"--force takes it away from whoever uses it, also where a server does not answer.",
		"cryptdisk close data.img"),
	VERB(MOUNT, "mount", NULL, verb_mount, "VOL [MOUNTPOINT]", 1, 2, RUN_DIR,
		"unlock and mount a volume",
		"Prints the mount point. MOUNTPOINT is a suggestion: when it is taken a suffix is\n"
		"added, with --strict that is an error.",
		"cryptdisk mount data.img\n"
		"cryptdisk mount data.img ~/data --readonly"),
	VERB(UMOUNT, "umount", NULL, verb_umount, "VOL | --all", 0, 1, 0,
		"unmount, lock and detach a volume (also: unmount)",
		"If somebody uses it nothing happens and the processes are named. --force takes it\n"
		"away from them; what was not yet written is lost. Exit 14: something is left.\n"
		"A container, id:ID, label:LABEL or name:NAME that is not open is no error.",
		"cryptdisk umount data.img --wait 10s\n"
		"cryptdisk umount --all"),
	VERB(EJECT, "eject", NULL, verb_eject, "VOL", 1, 1, 0,
		"unmount and detach, and say whether the medium can be taken out",
		"As 'umount'. Other mounts of the drive that the container lies on are named: they\n"
		"have to be unmounted before it is taken out.",
		"cryptdisk eject /media/stick/data.img"),
	VERB(LOCK, "lock", NULL, verb_lock, "VOL | --all", 0, 1, 0,
		"wipe the key of an open volume; the mount stays",
		"The filesystem is synced first, and frozen where the kernel has it. Programs that use\n"
		"the volume wait until it is resumed, and cannot be killed meanwhile. What they have\n"
		"read before stays in memory: unmount to be rid of that, too.",
		"cryptdisk lock data.img\n"
		"cryptdisk lock --all"),
	VERB(RESUME, "resume", NULL, verb_resume, "VOL", 1, 1, 0,
		"unlock a locked volume again; what waits goes on",
		"Asks for the secret as 'mount' does. Only the very same container and key are taken.",
		"cryptdisk resume data.img"),
	VERB(LIST, "list", NULL, verb_list, "", 0, 0, 0,
		"all volumes that are open", NULL, "cryptdisk list --all"),
	VERB(STATUS, "status", NULL, verb_status, "[VOL]", 0, 1, 0,
		"details of one volume or of all", NULL, "cryptdisk status data.img"),
	VERB(INFO, "info", NULL, verb_info, "FILE", 1, 1, 0,
		"what the header of a container says; needs no key",
		"Never writes to the container.", "cryptdisk info data.img"),
	VERB(RESOLVE, "resolve", NULL, verb_resolve, "VOL", 1, 1, 0,
		"what VOL means and where it is",
		"First match wins: existing path, id:ID, label:LABEL, name:NAME, a bare name, the first\n"
		"8 or more hex digits of an ID. A name is that of an open volume, or a defined one.",
		"cryptdisk resolve label:photos"),
	VERB(TREE, "tree", NULL, verb_tree, "", 0, 0, 0,
		"names, nodes and files of all volumes", NULL, NULL),
	VERB(PS, "ps", NULL, verb_ps, "VOL", 1, 1, 0,
		"processes that use a volume", NULL, NULL),
	VERB(ID_SHOW, "id", "show", verb_id_show, "VOL", 1, 1, 0,
		"the ID of a volume", "The ID is a name, not a proof: anybody can copy it.", NULL),
	VERB(WHOAMI, "whoami", NULL, verb_whoami, "", 0, 0, 0,
		"who you are here and which backends work for you", NULL, NULL),
	VERB(KEY_ADD, "key", "add", verb_key_add, "VOL", 1, 1, 0,
		"add a passphrase or key file",
		"Works on a mounted container. Asks for a present passphrase, then for the new one.\n"
		"--key-slot is the slot of the new key.",
		"cryptdisk key add data.img --label laptop\n"
		"cryptdisk key add data.img --new-key-file usb.key"),
	VERB(KEY_REMOVE, "key", "remove", verb_key_remove, "VOL", 1, 1, 0,
		"remove a passphrase or keyslot",
		"Without --key-slot the secret that you give is the one that is removed. The last\n"
		"keyslot is removed only with --force: without one nobody can open the volume again.\n"
		"Kept header copies that still accept it are listed.",
		"cryptdisk key remove data.img --key-slot 1"),
	VERB(KEY_CHANGE, "key", "change", verb_key_change, "VOL", 1, 1, 0,
		"replace a passphrase by a new one",
		"Kept header copies that still accept the old one are listed.", NULL),
	VERB(KEY_LIST, "key", "list", verb_key_list, "VOL", 1, 1, 0,
		"list the keyslots", NULL, NULL),
	VERB(KEY_TEST, "key", "test", verb_key_test, "VOL", 1, 1, 0,
		"which keyslot a passphrase opens", NULL, NULL),
	VERB(KEY_RECOVERY, "key", "recovery", verb_key_recovery, "VOL", 1, 1, 0,
		"add a recovery key and print it once",
		"Standard output gets the key as a sheet to print. It is not stored anywhere.",
		"cryptdisk key recovery data.img | lp"),
	VERB(HEADER_BACKUP, "header", "backup", verb_header_backup, "VOL FILE", 2, 2, 0,
		"copy the header into a new file",
		"Whoever has the copy can open the volume with the passphrases of today, also after\n"
		"they were changed.", NULL),
	VERB(HEADER_RESTORE, "header", "restore", verb_header_restore, "VOL FILE", 2, 2, 0,
		"put a header copy back",
		"The keyslots of the copy replace those of the container: passphrases that were removed\n"
		"since then work again.", NULL),
	VERB(HEADER_CHECK, "header", "check", verb_header_check, "VOL", 1, 1, 0,
		"check both header copies", "--repair writes the damaged one anew from the good one.", NULL),
	VERB(RESIZE, "resize", NULL, verb_resize, "VOL SIZE", 2, 2, RUN_DIR,
		"grow or shrink container and filesystem together",
		"SIZE is the new size of the container file. A mounted volume can only grow.",
		"cryptdisk resize data.img 20G"),
	VERB(TRIM, "trim", NULL, verb_trim, "VOL", 1, 1, RUN_DIR,
		"give free space back to the host",
		"Which parts are free can be seen in the file afterwards.", NULL),
	VERB(FSCK, "fsck", NULL, verb_fsck, "VOL", 1, 1, RUN_DIR,
		"check the filesystem", "--repair mends what is wrong.", NULL),
	VERB(ERASE, "erase", NULL, verb_erase, "VOL", 1, 1, 0,
		"destroy all keys of a container for ever",
		"Nobody can open it again, you neither. Kept header copies still could: they are\n"
		"listed. --force erases a volume that is open.", NULL),
	VERB(DEFINE, "define", NULL, verb_define, "NAME FILE", 2, 2, 0,
		"give a container a name that stays",
		"FILE is an absolute path. Root defines for everybody, in /etc/cryptdisk/volumes.d, an\n"
		"ordinary user for their own use. The same once more changes nothing; what differs is exit 5,\n"
		"and is replaced with --force.",
		"cryptdisk define work /data/work.img\n"
		"cryptdisk mount work"),
	VERB(UNDEFINE, "undefine", NULL, verb_undefine, "NAME", 1, 1, 0,
		"forget a definition; the container stays as it is",
		"What is not defined is no error.", "cryptdisk undefine work"),
	VERB(EVENTS, "events", NULL, verb_events, "[VOL]", 0, 1, 0,
		"what happens to volumes, one line an event, or wait for a state",
		"Only what is new, until it is interrupted or --timeout is over. --json prints one object\n"
		"a line. Without --scope the events of your own scope; --scope global shows root's to\n"
		"everybody, without paths and labels. --wait ends with 0 at once when the volume (or any,\n"
		"without VOL) is in that state already, and with 14 when --timeout is over before.",
		"cryptdisk events --json --since 0\n"
		"cryptdisk events --wait mounted --timeout 30 data.img"),
	VERB(DOCTOR, "doctor", NULL, verb_doctor, "", 0, 0, 0,
		"what works on this system and how to repair the rest", NULL, NULL),
	VERB(BENCHMARK, "benchmark", NULL, verb_benchmark, "", 0, 0, 0,
		"speed of ciphers and cost of key derivation here", NULL,
		"cryptdisk benchmark --cipher serpent-xts-plain64"),
	VERB(VERSION, "version", NULL, verb_version, "", 0, 0, 0,
		"versions of program, library and kernel module", NULL, NULL),
	VERB(COMPLETION, "completion", NULL, verb_completion, "bash|zsh|fish", 1, 1, 0,
		"completion script for a shell", NULL,
		"cryptdisk completion bash > ~/.local/share/bash-completion/completions/cryptdisk"),
	VERB(HELP, "help", NULL, verb_help, "[VERB]", 0, 2, 0,
		"this text, or that of one verb", NULL, NULL),
	{0, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL},
};
/* clang-format on */

struct later {
	const char *name, *sub;
};

static const struct later later_table[] = {
	{"exec", NULL},
	{"restore", NULL},
	{"ensure", NULL},
	{"enable", NULL},
	{"backup", NULL},
	{"track", NULL},
	{"credential", NULL},
	{"token", NULL},
	{"reencrypt", NULL},
	{"convert", NULL},
	{"compact", NULL},
	{"scrub", NULL},
	{"import", NULL},
	{"id", "set"},
	{"header", "history"},
	{NULL, NULL},
};

int verb_is_later(const char *name, const char *sub)
{
	const struct later *l;

	for (l = later_table; l->name; l++) {
		if (strcmp(l->name, name) != 0)
			continue;
		if (!l->sub || (sub && strcmp(l->sub, sub) == 0))
			return 1;
	}
	return 0;
}

const char *verb_title(const struct verb *v)
{
	static char title[32];

	if (!v->sub)
		return v->name;
	(void)snprintf(title, sizeof(title), "%s %s", v->name, v->sub);
	return title;
}

/* "add, remove, change": the sub-verbs of name. */
static void subs_list(const char *name, char *ret_text, size_t size)
{
	const struct verb *v;
	size_t len = 0;

	ret_text[0] = '\0';
	for (v = verb_table; v->name; v++) {
		if (!v->sub || strcmp(v->name, name) != 0)
			continue;
		len += (size_t)snprintf(
			ret_text + len, size - len, "%s%s", len ? ", " : "", v->sub);
	}
}

static int verb_unknown(const char *name, const char *sub, struct failure *f)
{
	char subs[128];

	subs_list(name, subs, sizeof(subs));
	if (!subs[0])
		return failure_set(f, -EINVAL, "there is no verb '%.64s'", name);
	if (!sub)
		return failure_set(f, -EINVAL, "'%s' needs one of: %s", name, subs);
	return failure_set(f, -EINVAL, "there is no '%s %.64s', only: %s", name, sub, subs);
}

int verb_find(const char *const *args, int n_args, const struct verb **ret_verb, int *ret_used,
	struct failure *f)
{
	const char *name = n_args > 0 ? args[0] : "";
	const char *sub = n_args > 1 ? args[1] : NULL;
	const struct verb *v;

	if (strcmp(name, "unmount") == 0)
		name = "umount";
	if (verb_is_later(name, sub))
		return failure_set(f, -CDISK_ERR_UNSUPPORTED,
			"'cryptdisk %s%s%s' is not in this version", name,
			verb_is_later(name, NULL) ? "" : " ", verb_is_later(name, NULL) ? "" : sub);
	for (v = verb_table; v->name; v++) {
		if (strcmp(v->name, name) != 0)
			continue;
		if (v->sub && (!sub || strcmp(v->sub, sub) != 0))
			continue;
		*ret_verb = v;
		*ret_used = v->sub ? 2 : 1;
		return 0;
	}
	return verb_unknown(name, sub, f);
}
