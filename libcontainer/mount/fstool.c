// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/fstool.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/process.h"
#include "base/util.h"
#include "mount/label.h"
#include "mount/mount.h"

int cdisk_fstool_init(
	struct cdisk *c, struct cdisk_fstool *t, const char *program, const char *package)
{
	int r;

	memset(t, 0, sizeof(*t));
	r = cdisk_program_find(program, t->path, sizeof(t->path));
	if (r == -ENOENT) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the program %s, which is needed for this, is not installed", program);
		cdisk_object(c, program);
		cdisk_hint(c, "install the package %s", package);
		return r;
	}
	if (r < 0)
		return cdisk_fail(c, r, "cannot find the program %s: %s", program, strerror(-r));
	cdisk_fstool_add(t, t->path);
	return 0;
}

void cdisk_fstool_done(struct cdisk_fstool *t)
{
	cdisk_cleanup_free(&t->output);
	t->output = NULL;
}

void cdisk_fstool_add(struct cdisk_fstool *t, const char *arg)
{
	assert(t->n + 1 < CDISK_FSTOOL_ARGS);
	t->argv[t->n++] = arg;
	t->argv[t->n] = NULL;
}

void cdisk_fstool_add2(struct cdisk_fstool *t, const char *option, const char *value)
{
	cdisk_fstool_add(t, option);
	cdisk_fstool_add(t, value);
}

static void log_command(struct cdisk *c, const struct cdisk_fstool *t)
{
	char line[512];
	size_t used = 0;

	for (size_t i = 0; i < t->n && used < sizeof(line); i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %s", t->argv[i]);
	cdisk_log(c, CDISK_LOG_DEBUG, "runs%s", line);
}

int cdisk_fstool_run(struct cdisk *c, struct cdisk_fstool *t)
{
	struct cdisk_program p = {
		.argv = t->argv,
		.keep_fds = t->keep_fds,
		.n_keep_fds = t->n_keep_fds,
		.what = t->what,
		.output_size = CDISK_FSTOOL_REPORT,
	};
	int r;

	cdisk_fstool_done(t);
	t->output = calloc(1, CDISK_FSTOOL_REPORT);
	if (!t->output)
		return cdisk_fail(c, -ENOMEM, "out of memory while running %s", t->path);
	p.output = t->output;
	log_command(c, t);
	r = cdisk_program_run(c, &p);
	if (r == -ECANCELED)
		return cdisk_fail(c, r, "%s was stopped", t->path);
	if (r < 0)
		return cdisk_fail(c, r, "cannot run %s: %s", t->path, strerror(-r));
	cdisk_log(c, CDISK_LOG_DEBUG, "%s ended with %d", t->path, r);
	return r;
}

/* Banners ("mke2fs 1.47.0 (5-Feb-2023)", "exfatprogs version : 1.2.0") and remarks say no reason.
 */
static bool line_is_noise(const char *line, size_t n)
{
	static const char *const remarks[] = {"Filesystem too small for a journal", "NOTE", "Usage",
		"exfatprogs version", "Creating exFAT", "btrfs-progs", "WARNING", "Warning"};
	const char *p;

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(remarks); i++)
		if (n >= strlen(remarks[i]) && memcmp(line, remarks[i], strlen(remarks[i])) == 0)
			return true;
	for (p = line; p < line + n && *p != ' '; p++)
		if (*p == ':')
			return false;
	return n == 0 || (p + 1 < line + n && isdigit((unsigned char)p[1]) &&
				 memchr(line, '(', n) && line[n - 1] == ')');
}

void cdisk_fstool_reason(const struct cdisk_fstool *t, char *ret_line, size_t size)
{
	const char *text = t->output ? t->output : "", *best = NULL, *next;
	size_t best_n = 0;

	for (; *text; text = next) {
		size_t n = strcspn(text, "\r\n");

		next = text + n + strspn(text + n, "\r\n");
		while (n > 0 && isspace((unsigned char)*text)) {
			text++;
			n--;
		}
		if (n > 7 && memcmp(text, "ERROR: ", 7) == 0) {
			best = text + 7;
			best_n = n - 7;
			break;
		}
		if (!best && !line_is_noise(text, n)) {
			best = text;
			best_n = n;
		}
	}
	cdisk_text_clean(ret_line, size, best ? best : "it gave no reason",
		best ? best_n : strlen("it gave no reason"));
}

char *cdisk_fstool_report(const struct cdisk_fstool *t)
{
	const char *text = t->output ? t->output : "", *next;
	size_t size = strlen(text) + 2, used = 0;
	char *report = malloc(size);

	if (!report)
		return NULL;
	for (; *text; text = next) {
		size_t n = strcspn(text, "\n");

		next = text + n + (text[n] == '\n');
		cdisk_text_clean(report + used, size - used, text, n);
		used += strlen(report + used);
		report[used++] = '\n';
	}
	report[used] = '\0';
	return report;
}

int cdisk_fstool_in_mount(
	struct cdisk *c, struct cdisk_fstool *t, const char *type, const char *disk)
{
	/* umount has to succeed as well: it is what writes the change to the disk. */
	static const char script[] =
		"t=$1 d=$2; shift 2; "
		"mount -n -t \"$t\" -o loop,nosuid,nodev,noexec -- \"$d\" " CDISK_FSTOOL_MOUNT
		" || exit 1; \"$@\"; r=$?; cd /; umount -n " CDISK_FSTOOL_MOUNT " || r=1; exit $r";
	struct cdisk_fstool inner = *t;
	int r;

	if (geteuid() != 0 || !cdisk_fs_kernel(type)) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"%s can be changed only while the kernel has it mounted, which needs %s",
			type, geteuid() != 0 ? "root" : "a kernel that knows this filesystem");
		if (geteuid() != 0)
			cdisk_hint(c, "run the same command as root");
		return r;
	}
	r = cdisk_fstool_init(c, t, "unshare", "util-linux");
	if (r < 0)
		return r;
	cdisk_fstool_add(t, "--mount");
	cdisk_fstool_add2(t, "--", "/bin/sh");
	cdisk_fstool_add2(t, "-c", script);
	cdisk_fstool_add2(t, "sh", type);
	cdisk_fstool_add(t, disk);
	memcpy(t->inner, inner.path, sizeof(t->inner));
	for (size_t i = 0; i < inner.n; i++)
		cdisk_fstool_add(t, i == 0 ? t->inner : inner.argv[i]);
	return 0;
}
