// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/dm.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include "base/io.h"
#include "base/util.h"

#define CONTROL "/dev/mapper/control"
#define CALL_SIZE 8192u /* header, one target and its parameters; the pool's largest piece */

#ifndef DM_DEFERRED_REMOVE
#define DM_DEFERRED_REMOVE (1 << 17)
#endif

/* One call's buffer; in the pool, since parameters hold keys. */
struct call {
	struct cdisk_secret *buf;
	struct dm_ioctl *head;
};

static void call_done(struct call *k)
{
	cdisk_secret_free(k->buf);
}

#define _cleanup_call_ CDISK_CLEANUP(call_done)

static int call_init(struct call *k, const char *name)
{
	int r = cdisk_secret_alloc(CALL_SIZE, &k->buf);

	if (r < 0)
		return r;
	k->head = cdisk_secret_data(k->buf);
	k->head->version[0] = DM_VERSION_MAJOR;
	k->head->data_size = CALL_SIZE;
	k->head->data_start = sizeof(struct dm_ioctl);
	if (name && strlen(name) >= sizeof(k->head->name))
		return -ENAMETOOLONG;
	if (name)
		memcpy(k->head->name, name, strlen(name) + 1);
	return 0;
}

static int call_run(struct call *k, unsigned long request)
{
	_cleanup_close_ int fd = open(CONTROL, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return ioctl(fd, request, k->head) < 0 ? -errno : 0;
}

static int simple(const char *name, unsigned long request, uint32_t flags)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	int r = call_init(&k, name);

	if (r < 0)
		return r;
	k.head->flags = flags;
	return call_run(&k, request);
}

static void *call_data(const struct call *k)
{
	return (uint8_t *)k->head + sizeof(struct dm_ioctl);
}

/* For those who may not try: a driver that runs is in the kernel's list. */
static bool device_mapper_runs(void)
{
	_cleanup_free_ char *text = NULL;

	return cdisk_read_text("/proc/misc", 65536, &text) == 0 && strstr(text, " device-mapper\n");
}

int cdisk_dm_try(void)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	int r = call_init(&k, "crypt");

	if (r < 0)
		return r;
	r = call_run(&k, DM_VERSION);
	if (r == -EACCES && !device_mapper_runs())
		return -ENODEV;
	if (r < 0)
		return r;
	/* Loads dm-crypt where it is a module. Kernels before 5.1 do not know the question. */
	k.head->flags = 0;
	k.head->data_size = CALL_SIZE;
	k.head->data_start = sizeof(struct dm_ioctl);
	r = call_run(&k, DM_GET_TARGET_VERSION);
	return r == -ENOTTY ? 0 : r == -EINVAL ? -ENOSYS : r;
}

int cdisk_dm_status(const char *name, struct cdisk_dm *ret)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	int r = call_init(&k, name);

	if (r == 0)
		r = call_run(&k, DM_DEV_STATUS);
	if (r < 0)
		return r;
	*ret = (struct cdisk_dm){
		.major = major(k.head->dev),
		.minor = minor(k.head->dev),
		.opened = k.head->open_count,
		.live = k.head->flags & DM_ACTIVE_PRESENT_FLAG,
		.inactive = k.head->flags & DM_INACTIVE_PRESENT_FLAG,
		.suspended = k.head->flags & DM_SUSPEND_FLAG,
		.read_only = k.head->flags & DM_READONLY_FLAG,
	};
	(void)snprintf(ret->uuid, sizeof(ret->uuid), "%.128s", k.head->uuid);
	return 0;
}

static uint32_t suspend_flags(uint32_t flags)
{
	return (flags & CDISK_DM_NO_SYNC ? (uint32_t)DM_SKIP_LOCKFS_FLAG : 0) |
	       (flags & CDISK_DM_NO_FLUSH ? (uint32_t)DM_NOFLUSH_FLAG : 0);
}

int cdisk_dm_suspend(const char *name, uint32_t flags)
{
	return simple(name, DM_DEV_SUSPEND, DM_SUSPEND_FLAG | suspend_flags(flags));
}

int cdisk_dm_resume(const char *name, uint32_t flags)
{
	return simple(name, DM_DEV_SUSPEND, suspend_flags(flags));
}

int cdisk_dm_remove(const char *name, bool deferred)
{
	return simple(name, DM_DEV_REMOVE, deferred ? (uint32_t)DM_DEFERRED_REMOVE : 0);
}

int cdisk_dm_rename(const char *name, const char *to)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	int r = call_init(&k, name);

	if (r < 0)
		return r;
	memcpy(call_data(&k), to, strlen(to) + 1);
	return call_run(&k, DM_DEV_RENAME);
}

static int names_walk(const struct call *k, cdisk_dm_name_fn fn, void *data)
{
	size_t at = k->head->data_start;
	int r = 0;

	while (r == 0 && at + sizeof(struct dm_name_list) < CALL_SIZE) {
		const struct dm_name_list *n = (const void *)((const uint8_t *)k->head + at);

		/* The kernel's text ends in the buffer; the first of an empty list has no device.
		 */
		if (n->dev == 0)
			break;
		r = fn(n->name, data);
		if (n->next == 0)
			break;
		at += n->next;
	}
	return r;
}

int cdisk_dm_names(cdisk_dm_name_fn fn, void *data)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	int r = call_init(&k, NULL);

	if (r == 0)
		r = call_run(&k, DM_LIST_DEVICES);
	if (r == 0 && k.head->flags & DM_BUFFER_FULL_FLAG)
		r = -E2BIG;
	return r < 0 ? r : names_walk(&k, fn, data);
}

void cdisk_dm_table_done(struct cdisk_dm_table *t)
{
	cdisk_secret_free(t->params);
	t->params = NULL;
}

/* The only target in a reply, its parameters copied. */
static int target_take(const struct call *k, struct cdisk_dm_table *ret)
{
	const struct dm_target_spec *spec =
		(const void *)((const uint8_t *)k->head + k->head->data_start);
	const char *params = (const char *)(spec + 1);
	struct cdisk_dm_table t = {.sectors = 0};
	size_t room, len;
	int r;

	if (k->head->flags & DM_BUFFER_FULL_FLAG || k->head->data_start > CALL_SIZE / 2)
		return -E2BIG;
	if (k->head->target_count == 0)
		return -ENODATA;
	if (k->head->target_count != 1 || spec->sector_start != 0)
		return -EOPNOTSUPP;
	room = CALL_SIZE - k->head->data_start - sizeof(*spec);
	len = strnlen(params, room);
	if (len == room)
		return -E2BIG;
	t.sectors = spec->length;
	(void)snprintf(t.type, sizeof(t.type), "%.15s", spec->target_type);
	r = cdisk_secret_copy(params, len + 1, &t.params);
	if (r == 0)
		*ret = t;
	return r;
}

int cdisk_dm_table(const char *name, struct cdisk_dm_table *ret)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	int r = call_init(&k, name);

	if (r < 0)
		return r;
	k.head->flags = DM_STATUS_TABLE_FLAG | DM_SECURE_DATA_FLAG | DM_NOFLUSH_FLAG;
	r = call_run(&k, DM_TABLE_STATUS);
	return r < 0 ? r : target_take(&k, ret);
}

int cdisk_dm_load(const char *name, const struct cdisk_dm_table *t, bool read_only)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	const char *params = t->params ? cdisk_secret_data(t->params) : "";
	size_t len = strlen(params) + 1;
	struct dm_target_spec *spec;
	int r = call_init(&k, name);

	if (r < 0)
		return r;
	spec = call_data(&k);
	if (len > CALL_SIZE - sizeof(struct dm_ioctl) - sizeof(*spec) - 8)
		return -E2BIG;
	k.head->flags = DM_SECURE_DATA_FLAG | (read_only ? (uint32_t)DM_READONLY_FLAG : 0);
	k.head->target_count = 1;
	spec->length = t->sectors;
	spec->next = (uint32_t)((sizeof(*spec) + len + 7) & ~(size_t)7);
	memcpy(spec->target_type, t->type, strnlen(t->type, sizeof(spec->target_type) - 1));
	memcpy(spec + 1, params, len);
	return call_run(&k, DM_TABLE_LOAD);
}

int cdisk_dm_clear(const char *name)
{
	return simple(name, DM_TABLE_CLEAR, 0);
}

int cdisk_dm_message(const char *name, const char *text, size_t size)
{
	_cleanup_call_ struct call k = {NULL, NULL};
	struct dm_target_msg *msg;
	int r = call_init(&k, name);

	if (r < 0)
		return r;
	msg = call_data(&k);
	if (size > CALL_SIZE - sizeof(struct dm_ioctl) - sizeof(*msg))
		return -E2BIG;
	k.head->flags = DM_SECURE_DATA_FLAG;
	memcpy(msg->message, text, size);
	return call_run(&k, DM_TARGET_MSG);
}
