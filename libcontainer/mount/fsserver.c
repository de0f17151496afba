// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounting by a filesystem server: fuse2fs and its kind, on the server's disk itself. */
#include "mount/mounting.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "base/io.h"
#include "base/process.h"

#define START_MS 30000
#define SHOW_MS 5000
#define EXT_SUPER 1024
#define EXT_STATE 0x3a
#define EXT_INCOMPAT 0x60
#define EXT_STATE_CLEAN 1
#define EXT_STATE_ERROR 2
#define EXT_INCOMPAT_RECOVER 4

/* What each program needs besides the common options. */
static const struct {
	const char *program;
	const char *always, *writing;
	bool nameless; /* does not tell the kernel by itself what it serves */
} dialects[] = {
	/* fakeroot: files that root or another uid made are the caller's to use. */
	{"fuse2fs", "fakeroot", NULL, false},
	/* Without no_def_opts it lets everybody in. */
	{"ntfs-3g", "no_def_opts", NULL, false},
	{"fusefat", NULL, "rw+", true},
};

/* The kernel keeps a setuid program out of a user's private FUSE mount, where the disk lies. */
static bool is_kept_out(const char *program)
{
	struct stat st;

	return geteuid() != 0 && stat(program, &st) == 0 && (st.st_mode & S_ISUID);
}

int cdisk_fsserver_find(struct cdisk *c, const char *type, char *ret_program, size_t size)
{
	const struct cdisk_fstype *t = cdisk_fstype_get(type);

	if (!t || !t->server) {
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			geteuid() == 0 ? "nothing here mounts %s filesystems: the kernel "
					 "does not have it"
				       : "%s filesystems can be mounted by root only",
			type);
		cdisk_hint(c, "%s",
			geteuid() == 0 ? "load the kernel's module for it"
				       : "mount it as root; 'cryptdisk open' still gives "
					 "its disk");
		return -CDISK_ERR_NO_BACKEND;
	}
	if (cdisk_program_find(t->server, ret_program, size) < 0) {
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"the program %s is needed to mount %s without root", t->server, type);
		cdisk_hint(c, "install the package %s",
			t->server_package ? t->server_package : t->server);
		return -CDISK_ERR_NO_BACKEND;
	}
	if (is_kept_out(ret_program)) {
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"%s filesystems can be mounted by root only: %s is setuid and cannot read "
			"a "
			"user's disk",
			type, ret_program);
		cdisk_hint(c, "mount it as root; 'cryptdisk open' still gives its disk");
		return -CDISK_ERR_NO_BACKEND;
	}
	return 0;
}

static uint32_t le(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

int cdisk_fsserver_check(struct cdisk *c, const struct cdisk_attachment *a, int fd,
	const char *type, struct cdisk_options *o)
{
	_cleanup_free_ char *report = NULL;
	uint8_t super[1024];
	uint32_t state;
	bool recover;
	int r;

	if (strncmp(type, "ext", 3) != 0)
		return 0;
	r = cdisk_pread_full(fd, super, sizeof(super), EXT_SUPER);
	if (r < 0)
		return cdisk_fail(
			c, r, "cannot read the superblock of %s: %s", a->disk, strerror(-r));
	state = le(super + EXT_STATE, 2);
	recover = le(super + EXT_INCOMPAT, 4) & EXT_INCOMPAT_RECOVER;
	if (o->read_only)
		return recover ? cdisk_options_add(c, o, "norecovery") : 0;
	cdisk_log(c, CDISK_LOG_WARNING,
		"this mode has no journal: what is written reaches the "
		"filesystem safely only with sync and umount");
	if ((state & EXT_STATE_CLEAN) && !(state & EXT_STATE_ERROR) && !recover)
		return 0;
	cdisk_log(c, CDISK_LOG_INFO, "the filesystem was not unmounted cleanly: checking it");
	return cdisk_fsck_run(c, type, a->disk, /* repair= */ false, /* preen= */ true, &report);
}

/* The program's own words, on one line. */
static void lines_join(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		text[--len] = '\0';
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
}

static int options_complete(
	struct cdisk *c, const char *program, const char *device, struct cdisk_options *o)
{
	const char *slash = strrchr(program, '/');
	char name[CDISK_PATH_SIZE + 8];
	int r = 0;

	/* These programs put the path into an option list of their own. */
	if (strpbrk(device, ",\\")) {
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"filesystem servers do not take a path with a comma or backslash: %s",
			device);
		cdisk_hint(c, "set XDG_RUNTIME_DIR to a directory without them");
		return -CDISK_ERR_NO_BACKEND;
	}
	(void)snprintf(name, sizeof(name), "fsname=%s", device);

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(dialects); i++) {
		if (strcmp(dialects[i].program, slash ? slash + 1 : program) != 0)
			continue;
		if (dialects[i].always)
			r = cdisk_options_add(c, o, dialects[i].always);
		if (r == 0 && dialects[i].writing && !o->read_only)
			r = cdisk_options_add(c, o, dialects[i].writing);
		if (r == 0 && dialects[i].nameless)
			r = cdisk_options_add(c, o, name);
	}
	return r;
}

/* A server that says yes and mounts nothing would be taken for success. */
static int mount_wait(const char *device, const struct cdisk_mountpoint *mp)
{
	uint64_t end = cdisk_now_ms() + SHOW_MS;

	for (;;) {
		_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
		const struct cdisk_mount_entry *e;
		int r = cdisk_mountinfo_read(&m);

		if (r < 0)
			return r;
		e = cdisk_mountinfo_at(&m, mp->path);
		if (e && strcmp(e->source, device) == 0)
			return 0;
		if (e || cdisk_now_ms() >= end)
			return -ENODEV;
		cdisk_sleep_ms(5);
	}
}

int cdisk_fsserver_mount(struct cdisk *c, const struct cdisk_attachment *a, const char *program,
	const struct cdisk_options *o, const struct cdisk_mountpoint *mp)
{
	struct cdisk_options options = *o;
	char output[512] = "";
	const char *device = a->node[0] ? a->node : a->disk;
	const char *const argv[] = {program, device, mp->path, "-o", options.text, NULL};
	int r = options_complete(c, program, device, &options);

	if (r < 0)
		return r;
	r = cdisk_program_run(c, &(struct cdisk_program){.argv = argv,
					 .output = output,
					 .output_size = sizeof(output),
					 .timeout_ms = START_MS,
					 .what = "mounting"});
	if (r < 0 && r != -ETIMEDOUT)
		return r == -ECANCELED
			       ? r
			       : cdisk_fail(c, r, "cannot run %s: %s", program, strerror(-r));
	if (r == 0 && mount_wait(device, mp) == 0)
		return 0;
	lines_join(output);
	(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND, "%s does not mount %s%s%s", program, a->disk,
		output[0] ? ": " : "", output);
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		cdisk_hint(c, "users cannot open /dev/fuse here; as root: chmod 666 /dev/fuse");
	else if (strstr(output, "user_allow_other"))
		cdisk_hint(c, "this program insists on it: root can allow it with the line "
			      "user_allow_other in /etc/fuse.conf, or mount the container as root");
	return -CDISK_ERR_NO_BACKEND;
}
