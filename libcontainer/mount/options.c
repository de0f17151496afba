// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/options.h"

#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/util.h"

#define FUSE_CONF "/etc/fuse.conf"

/* They change what is mounted or where, or who counts as its owner: that is decided already. */
static const char *const refused[] = {
	"bind",
	"rbind",
	"move",
	"remount",
	"loop",
	"offset",
	"sizelimit",
	"helper",
	"uhelper",
	"encryption",
	"user",
	"users",
	"owner",
	"group",
	"fd",
	"rootmode",
	"user_id",
	"group_id",
	"fsname",
	"subtype",
	"auto_unmount",
	"shared",
	"rshared",
	"private",
	"rprivate",
	"slave",
	"rslave",
	"unbindable",
	"runbindable",
	"blkdev",
	"no_default_opts",
};

/* Whether option (len bytes, perhaps with "=value") has this name. */
static bool option_is(const char *option, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len >= n && memcmp(option, name, n) == 0 && (len == n || option[n] == '=');
}

static bool fuse_allows_other(void)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;

	if (cdisk_read_text(FUSE_CONF, 65536, &text) < 0)
		return false;
	for (rest = text; (line = strsep(&rest, "\n"));) {
		line += strspn(line, " \t");
		line[strcspn(line, " \t\r")] = '\0';
		if (strcmp(line, "user_allow_other") == 0)
			return true;
	}
	return false;
}

static int user_option_check(struct cdisk *c, const char *option, size_t len)
{
	if (option_is(option, len, "suid") || option_is(option, len, "dev")) {
		(void)cdisk_fail(
			c, -EACCES, "only root may mount with the option %.*s", (int)len, option);
		return -EACCES;
	}
	if ((option_is(option, len, "allow_other") || option_is(option, len, "allow_root")) &&
		!fuse_allows_other()) {
		(void)cdisk_fail(c, -EACCES, "the option %.*s is not allowed to users here",
			(int)len, option);
		cdisk_hint(c, "root can allow it with the line user_allow_other in " FUSE_CONF);
		return -EACCES;
	}
	return 0;
}

static int option_check(struct cdisk *c, const char *option, size_t len, bool root)
{
	/* Some parsers take a backslash away and see another word than we do. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)option[i] < ' ' || option[i] == 0x7f || option[i] == '\\')
			return cdisk_fail(c, -EINVAL,
				"a mount option has a character that is not "
				"allowed there");
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(refused); i++)
		if (option_is(option, len, refused[i]))
			return cdisk_fail(c, -EINVAL, "the mount option '%.*s' cannot be used here",
				len < 64 ? (int)len : 64, option);
	if (len > 2 && (option[0] == 'X' || option[0] == 'x') && option[1] == '-')
		return cdisk_fail(c, -EINVAL, "the mount option '%.*s' belongs into fstab only",
			len < 64 ? (int)len : 64, option);
	return root ? 0 : user_option_check(c, option, len);
}

int cdisk_options_add(struct cdisk *c, struct cdisk_options *o, const char *option)
{
	size_t used = strlen(o->text), len = strlen(option);

	if (used + len + 2 > sizeof(o->text))
		return cdisk_fail(c, -EINVAL, "the mount options are longer than %zu bytes",
			sizeof(o->text) - 1);
	if (used > 0)
		o->text[used++] = ',';
	memcpy(o->text + used, option, len + 1);
	return 0;
}

int cdisk_options_make(
	struct cdisk *c, const char *options, bool root, bool read_only, struct cdisk_options *ret)
{
	struct cdisk_options o = {.read_only = read_only};
	bool suid = false, dev = false;
	int r;

	for (const char *p = options ? options : ""; *p;) {
		size_t len = strcspn(p, ",");

		r = option_check(c, p, len, root);
		if (r < 0)
			return r;
		suid |= option_is(p, len, "suid");
		dev |= option_is(p, len, "dev");
		o.read_only |= option_is(p, len, "ro");
		p += len;
		p += *p == ',';
	}
	if (options && options[0])
		r = cdisk_options_add(c, &o, options);
	else
		r = 0;
	/* Last, so that a nosuid of ours is not undone by a word in front of it. */
	if (r == 0 && !suid)
		r = cdisk_options_add(c, &o, "nosuid");
	if (r == 0 && !dev)
		r = cdisk_options_add(c, &o, "nodev");
	if (r == 0 && o.read_only)
		r = cdisk_options_add(c, &o, "ro");
	if (r == 0)
		*ret = o;
	return r;
}
