// SPDX-License-Identifier: GPL-2.0-or-later
/* What creating a container will do: sizes, costs, and whether there is room. */
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "create.h"
#include "crypto/crypto.h"
#include "format/luks.h"
#include "kdf_choice.h"

#define MIB (UINT64_C(1) << 20)
#define DATA_MIN (256u * 1024)	 /* less holds no filesystem */
#define LABEL_MAX 47		 /* LUKS2's field has 48 bytes */

static int check_cipher(struct cdisk *c, struct cdisk_plan *plan)
{
	struct cdisk_cipher_spec spec;
	char name[64], *dash;
	int r;

	(void)snprintf(name, sizeof(name), "%s", plan->cipher);
	dash = strchr(name, '-');
	if (!dash)
		return cdisk_fail(c, -EINVAL, "a cipher is given as in aes-xts-plain64");
	*dash = '\0';
	r = cdisk_cipher_parse(name, dash + 1, plan->key_size, plan->sector_size, &spec);
	if (r == 0)
		return 0;
	if (r == -EINVAL) {
		cdisk_fail(c, -EINVAL, "the cipher %s does not go with a key of %u bits and sectors "
			   "of %u bytes", plan->cipher, plan->key_size * 8, plan->sector_size);
		cdisk_hint(c, "aes-xts-plain64 takes keys of 256 or 512 bits");
		return -EINVAL;
	}
	return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "the cipher %s is not supported", plan->cipher);
}

static int free_space(struct cdisk *c, const char *path, uint64_t *ret_free)
{
	_cleanup_free_ char *copy = strdup(path);
	struct statvfs v;

	if (!copy)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	if (statvfs(dirname(copy), &v) < 0)
		return cdisk_fail(c, -errno, "cannot create %s: %s", path, strerror(errno));
	*ret_free = (uint64_t)v.f_bavail * v.f_frsize;
	return 0;
}

/* A size is needed for a new file; a device or a file that is used again has one. */
static int decide_size(struct cdisk *c, const struct cdisk_create *p,
		       const struct cdisk_source_size *source, struct cdisk_plan *plan)
{
	uint64_t size = p->size;
	struct stat st;

	if (size == 0 && p->from) {
		size = plan->data_offset + cdisk_tree_size(source->bytes, source->inodes);
	}
	if (size == 0 && (p->flags & CDISK_CREATE_FORCE) && stat(p->path, &st) == 0)
		size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : UINT64_MAX;
	if (size == 0)
		return cdisk_fail(c, -EINVAL, "a new container needs --size, or --from a directory");
	if (size == UINT64_MAX) /* a device: its size is known when it is open */
		return 0;
	if (size > INT64_MAX / 2)
		return cdisk_fail(c, -EINVAL, "no container can be that large");
	if (size < plan->data_offset + DATA_MIN) {
		cdisk_fail(c, -EINVAL, "%llu bytes are too small for a container",
			   (unsigned long long)size);
		cdisk_hint(c, "the header takes %llu MiB: use at least --size %lluM",
			   (unsigned long long)(plan->data_offset / MIB),
			   (unsigned long long)(plan->data_offset / MIB + 4));
		return -EINVAL;
	}
	plan->file_size = size;
	plan->data_size = cdisk_round_down(size - plan->data_offset, plan->sector_size);
	return 0;
}

static int check_space(struct cdisk *c, const struct cdisk_create *p, const struct cdisk_plan *plan)
{
	struct stat st;

	if (plan->file_size == 0 || plan->file_size <= plan->free_space ||
	    (p->flags & CDISK_CREATE_OVERCOMMIT) || stat(p->path, &st) == 0)
		return 0;
	cdisk_fail(c, -ENOSPC, "a container of %llu bytes does not fit: %llu bytes are free",
		   (unsigned long long)plan->file_size, (unsigned long long)plan->free_space);
	cdisk_hint(c, "choose a smaller --size; --overcommit makes it all the same, and writing "
		   "fails when the space is used up");
	return -ENOSPC;
}

static int check_words(struct cdisk *c, const struct cdisk_create *p)
{
	if (!p->path || !p->path[0])
		return cdisk_fail(c, -EINVAL, "no file was named");
	if (p->label && strlen(p->label) > LABEL_MAX)
		return cdisk_fail(c, -EINVAL, "a label may have %d bytes at most", LABEL_MAX);
	for (const char *s = p->label; s && *s; s++)
		if ((unsigned char)*s < 32 || *s == 127 || *s == '/')
			return cdisk_fail(c, -EINVAL, "a label has no control characters and no /");
	if (p->from && p->fs && strcmp(p->fs, "ext4") != 0)
		return cdisk_fail(c, -EINVAL, "--from makes ext4 filesystems only");
	if (p->flags & ~(CDISK_CREATE_FORCE | CDISK_CREATE_OVERCOMMIT | CDISK_CREATE_WIPE))
		return cdisk_fail(c, -EINVAL, "unknown create flags 0x%x", p->flags);
	return 0;
}

void cdisk_create_mkfs(const struct cdisk_create *p, const struct cdisk_plan *plan,
		       struct cdisk_mkfs *ret_mkfs)
{
	*ret_mkfs = (struct cdisk_mkfs){
		.fs = plan->fs,
		.label = p->label,
		.from = p->from,
		.sector_size = plan->sector_size,
		.uid = p->uid,
		.gid = p->gid,
		.inodes = plan->inodes,
	};
}

int cdisk_create_decide(struct cdisk *c, const struct cdisk_create *p,
			const struct cdisk_source_size *source, struct cdisk_plan *ret_plan)
{
	struct cdisk_plan plan = {.key_size = 64, .sector_size = 4096};
	struct cdisk_mkfs m;
	int r = check_words(c, p);

	if (r < 0)
		return r;
	(void)snprintf(plan.format, sizeof(plan.format), "LUKS2");
	(void)snprintf(plan.kdf, sizeof(plan.kdf), "argon2id");
	(void)snprintf(plan.fs, sizeof(plan.fs), "%s", p->fs ? p->fs : "ext4");
	(void)snprintf(plan.cipher, sizeof(plan.cipher), "%s",
		       p->cipher ? p->cipher : "aes-xts-plain64");
	if (p->key_size)
		plan.key_size = p->key_size;
	if (p->sector_size)
		plan.sector_size = p->sector_size;
	else if (strcmp(plan.fs, "none") != 0)
		plan.sector_size = cdisk_mkfs_sector_max(c, plan.fs);
	plan.data_offset = p->header_path ? 0 : CDISK_LUKS2_HEADER;
	if (p->from)
		plan.inodes = source->inodes;
	r = check_cipher(c, &plan);
	if (r == 0)
		r = cdisk_kdf_choose(c, p->kdf_memory, p->kdf_passes, &plan.kdf_memory,
				     &plan.kdf_passes, &plan.kdf_lanes);
	if (r == 0)
		r = decide_size(c, p, source, &plan);
	if (r == 0)
		r = free_space(c, p->path, &plan.free_space);
	if (r == 0)
		r = check_space(c, p, &plan);
	if (r == 0 && strcmp(plan.fs, "none") != 0) {
		cdisk_create_mkfs(p, &plan, &m);
		r = cdisk_mkfs_check(c, &m);
	}
	if (r == 0)
		*ret_plan = plan;
	return r;
}

int cdisk_create_plan(struct cdisk *c, const struct cdisk_create *p, struct cdisk_plan *ret_plan)
{
	struct cdisk_source_size source = {0};
	struct stat st;
	int r = 0;

	if (p->from)
		r = cdisk_tree_measure(c, p->from, &source.bytes, &source.inodes);
	if (r == 0)
		r = cdisk_create_decide(c, p, &source, ret_plan);
	if (r == 0 && !(p->flags & CDISK_CREATE_FORCE) && lstat(p->path, &st) == 0) {
		cdisk_fail(c, -EEXIST, "%s exists already", p->path);
		cdisk_hint(c, "choose another name; --force uses an existing file or device");
		r = -EEXIST;
	}
	return r;
}
