// SPDX-License-Identifier: GPL-2.0-or-later
/* The kmod backend: dm-crypt over a disk of our module. */
#include <fcntl.h>
#include <linux/cryptdisk.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "backend/child.h"
#include "backend/kmod_disk.h"
#include "backend/server.h"

#define NAME "kmod+dm-crypt"
#define MODULE "cryptdisk"
#define CLAIM_TRIES 100
#define CLAIM_STEP_MS 10
#define RELEASE "use the loop backend, or install the module of this version"

/* ---- probe ------------------------------------------------------------------------------- */

/* 0, -EPROTO with the module's number in *ret_abi, or why it cannot be asked. */
static int abi_ask(int *ret_abi)
{
	_cleanup_close_ int fd = open(CRYPTDISK_CONTROL, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_abi = ioctl(fd, CRYPTDISK_IOC_ABI);
	if (*ret_abi < 0)
		return -errno;
	return *ret_abi == CRYPTDISK_ABI ? 0 : -EPROTO;
}

/* loaded: what loading it gave, 0 where that was not tried. */
static int module_reason(struct cdisk_check *check, int r, int abi, int loaded)
{
	char text[128];

	if (r == -EACCES || r == -EPERM) {
		cdisk_check_fill(check, NAME, "needs root", "run it as root");
	} else if (r == -EPROTO) {
		(void)snprintf(text, sizeof(text),
			"kernel module cryptdisk speaks ABI %d, this program %d", abi,
			CRYPTDISK_ABI);
		cdisk_check_fill(check, NAME, text, RELEASE);
	} else if (loaded == -EPERM) {
		cdisk_check_fill(check, NAME,
			"kernel module cryptdisk is present, but this kernel refuses to load it "
			"(lockdown, or no signature it trusts)",
			"enrol the key that it is signed with: mokutil --import");
	} else {
		cdisk_check_fill(check, NAME, "kernel module cryptdisk missing", "");
	}
	return 0;
}

static int kmod_probe(struct cdisk *c, struct cdisk_check *check)
{
	int abi = 0, loaded = 0, r = abi_ask(&abi);

	/* Its node may be there without it. */
	if (r == -ENOENT || r == -ENODEV || r == -ENXIO) {
		loaded = cdisk_module_load(c, MODULE);
		if (loaded == 0)
			r = abi_ask(&abi);
	}
	if (r < 0)
		return module_reason(check, r, abi, loaded);
	if (!cdisk_check_device_mapper(c, check, NAME))
		return 0;
	if (geteuid() != 0) {
		cdisk_check_fill(check, NAME, "needs root", "run it as root");
		return 0;
	}
	cdisk_check_fill(
		check, NAME, "disk of the module cryptdisk under the kernel's dm-crypt", "");
	return 1;
}

/* ---- attach ------------------------------------------------------------------------------ */

static int id_bytes(const char *id, uint8_t to[CRYPTDISK_ID_LEN])
{
	for (size_t i = 0; i < CRYPTDISK_ID_LEN; i++) {
		unsigned int byte;

		id += *id == '-';
		if (sscanf(id, "%2x", &byte) != 1)
			return -EINVAL;
		to[i] = (uint8_t)byte;
		id += 2;
	}
	return *id ? -EINVAL : 0;
}

/*
 * As loop devices have it: what the kernel caches is the plain text, not the file as well. The
 * flag belongs to the open file, whose own reads are over.
 */
static void direct_set(struct cdisk *c, int fd, uint32_t block_size)
{
	int flags = fcntl(fd, F_GETFL);
	bool fits = block_size >= 4096;

#ifdef STATX_DIOALIGN
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &st) == 0 &&
		(st.stx_mask & STATX_DIOALIGN) && st.stx_dio_offset_align)
		fits = st.stx_dio_offset_align <= block_size;
#endif
	if (fits && flags >= 0 && fcntl(fd, F_SETFL, flags | O_DIRECT) == 0)
		return;
	cdisk_log(c, CDISK_LOG_INFO, "the container is used without direct I/O: slower");
}

/* The next backend gets the same open file, and its reads need not be aligned. */
static void direct_clear(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && (flags & O_DIRECT))
		(void)fcntl(fd, F_SETFL, flags & ~O_DIRECT);
}

static int attach_failed(struct cdisk *c, int r)
{
	switch (r) {
	case -EBUSY:
		return cdisk_fail(c, -CDISK_ERR_LOCKED,
			"the container is attached already by the module cryptdisk");
	case -EEXIST:
		return cdisk_fail(c, r, "a disk with this volume ID is attached already");
	case -ELOOP:
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"a disk of the module cryptdisk is no container for another one");
	case -EPERM:
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"the module cryptdisk obeys root of the host only");
		return -CDISK_ERR_NO_BACKEND;
	default:
		return cdisk_fail(
			c, r, "the module cryptdisk refuses the container: %s", strerror(-r));
	}
}

/*
 * The disk is to go with its last user from now on, this program included. That begins with an
 * exclusive open, which dm-crypt wants for itself then.
 */
static int claim(struct cdisk *c, const char *node, int *ret_fd)
{
	_cleanup_close_ int exclusive = -1, fd = -1;

	for (int i = 0; i < CLAIM_TRIES; i++) {
		exclusive = open(node, O_RDONLY | O_EXCL | O_CLOEXEC);
		if (exclusive >= 0 || errno != EBUSY)
			break;
		cdisk_sleep_ms(CLAIM_STEP_MS);
	}
	if (exclusive >= 0)
		fd = open(node, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cdisk_fail(c, -errno, "cannot open %s: %s", node, strerror(errno));
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

static int below_make(struct cdisk *c, const struct cdisk_attach_spec *spec, bool read_only,
	bool copy, char ret_node[64], int *ret_fd)
{
	_cleanup_close_ int control = open(CRYPTDISK_CONTROL, O_RDWR | O_CLOEXEC);
	struct cryptdisk_attach at = {
		.size = sizeof(at),
		.flags = CRYPTDISK_F_AUTOCLEAR | (read_only ? CRYPTDISK_F_RDONLY : 0) |
			 (copy ? CRYPTDISK_F_DUP_ID : 0),
		.fd = spec->fd,
		.block_size = cdisk_below_sector(spec),
	};
	int r;

	if (control < 0)
		return cdisk_fail(
			c, -errno, "cannot open %s: %s", CRYPTDISK_CONTROL, strerror(errno));
	if (id_bytes(spec->description->id, at.volume_id) < 0)
		return cdisk_fail(c, -EINVAL, "the volume ID is not one of 128 bits");
	cdisk_kmod_label(spec->description->label, spec->name, at.label);
	direct_set(c, spec->fd, at.block_size);
	r = ioctl(control, CRYPTDISK_IOC_ATTACH, &at) < 0 ? -errno : 0;
	if (r < 0) {
		direct_clear(spec->fd);
		return attach_failed(c, r);
	}
	(void)snprintf(ret_node, 64, "/dev/" CDISK_KMOD_DISK "%u", at.index);
	r = claim(c, ret_node, ret_fd);
	if (r < 0) {
		(void)cdisk_kmod_detach(ret_node, CRYPTDISK_DETACH_FORCE);
		direct_clear(spec->fd);
	}
	return r;
}

static void below_drop(const struct cdisk_attach_spec *spec, const char *node)
{
	(void)cdisk_kmod_detach(node, CRYPTDISK_DETACH_LAZY);
	direct_clear(spec->fd);
}

static int below_grow(struct cdisk *c, const char *node)
{
	_cleanup_close_ int control = open(CRYPTDISK_CONTROL, O_RDWR | O_CLOEXEC);
	struct cryptdisk_resize resize = {.size = sizeof(resize)};

	if (control < 0 || cdisk_kmod_index(node, &resize.index) < 0 ||
		ioctl(control, CRYPTDISK_IOC_RESIZE, &resize) < 0)
		return cdisk_fail(c, -errno, "cannot resize %s: %s", node, strerror(errno));
	return 0;
}

static int take_in_child(const void *data, int out)
{
	(void)out;
	return cdisk_kmod_detach(data, CRYPTDISK_DETACH_FORCE);
}

static int below_take(const char *node, unsigned int timeout_ms)
{
	return cdisk_child_run(take_in_child, node, timeout_ms, NULL, 0);
}

const struct cdisk_below cdisk_below_kmod = {
	.backend = "kmod",
	.make = below_make,
	.drop = below_drop,
	.grow = below_grow,
	.take = below_take,
};

static int kmod_attach(
	struct cdisk *c, const struct cdisk_attach_spec *spec, struct cdisk_attachment *a)
{
	return cdisk_mapping_attach(c, &cdisk_below_kmod, spec, a);
}

/* ---- the disk as it is ------------------------------------------------------------------- */

static int kmod_detach(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, unsigned int wait_ms)
{
	uint64_t end = cdisk_now_ms() + wait_ms;
	uint32_t index;
	int r;

	if (cdisk_kmod_index(a->disk, &index) < 0)
		return cdisk_mapping_detach(c, a, flags, wait_ms);
	/* Nothing is mapped over it. */
	if (flags & CDISK_UMOUNT_FORCE)
		r = below_take(a->disk, 2000);
	else
		while ((r = cdisk_kmod_detach(a->disk, 0)) == -EBUSY && cdisk_now_ms() < end)
			cdisk_sleep_ms(CLAIM_STEP_MS);
	if (r == 0 || r == -ENODEV)
		return 0;
	return cdisk_fail(c, r == -EBUSY ? -CDISK_ERR_IN_USE : r, "cannot detach %s: %s", a->disk,
		strerror(-r));
}

/* The module cannot see through dm-crypt what is mounted: whoever mounts tells it. */
static void kmod_note(struct cdisk *c, const struct cdisk_attachment *a, bool mounted)
{
	_cleanup_close_ int control = open(CRYPTDISK_CONTROL, O_RDWR | O_CLOEXEC);
	_cleanup_mountinfo_ struct cdisk_mountinfo mi = {0};
	struct cryptdisk_note note = {
		.size = sizeof(note),
		.what = mounted ? CRYPTDISK_EV_MOUNTED : CRYPTDISK_EV_UNMOUNTED,
	};
	const struct cdisk_mount_entry *e;
	struct cdisk_mapped m;
	struct stat st;

	if (control < 0 || cdisk_mapping_of(a, &m) < 0 ||
		cdisk_kmod_index(m.below, &note.index) < 0)
		return;
	e = cdisk_mountinfo_read(&mi) < 0 ? NULL : cdisk_mountinfo_at(&mi, a->mountpoint);
	note.mnt_id = e ? (uint64_t)e->id : 0;
	note.mnt_ns = stat("/proc/self/ns/mnt", &st) == 0 ? st.st_ino : 0;
	if (ioctl(control, CRYPTDISK_IOC_NOTE, &note) < 0)
		cdisk_log(c, CDISK_LOG_DEBUG, "the module is not told: %s", strerror(errno));
}

const struct cdisk_backend cdisk_backend_kmod = {
	.name = "kmod",
	.differs = "nothing tells where the container lies",
	.probe = kmod_probe,
	.attach = kmod_attach,
	.detach = kmod_detach,
	.resize = cdisk_mapping_resize,
	.trim = cdisk_mapping_trim,
	.lock = cdisk_mapping_lock,
	.resume = cdisk_mapping_resume,
	.note = kmod_note,
};
