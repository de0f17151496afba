/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a volume becomes a disk of the system. One file a backend; the table is in backend.c, in the
 * order "auto" tries them.
 *
 * Contract: probe() tries the thing, it does not look for a node. attach() is all or nothing and
 * leaves the caller's descriptors open. detach() is idempotent and answers -CDISK_ERR_IN_USE without
 * side effects. No function keeps a secret after its return. What crosses is an open descriptor.
 * A function that a backend does not have is NULL.
 */
#ifndef CDISK_BACKEND_BACKEND_H
#define CDISK_BACKEND_BACKEND_H

#include "base/context.h"
#include "base/description.h"

struct cdisk_attach_spec {
	const struct cdisk_description *description; /* with key */
	const char *backing;			     /* kind: "file" */
	int fd;					     /* of the backing */
	const char *name;			     /* of the volume, or NULL */
	const char *path;			     /* of the container, for people, or NULL */
	uint32_t flags;				     /* CDISK_ATTACH_* */
	int header_fd; /* sealed copy of the header, where the format has one; -1 = none */
};

struct cdisk_backend {
	const char *name;
	const char *differs; /* what is not so with the others, for people */
	/* 1 works, 0 does not; fills in check->reason and advice. */
	int (*probe)(struct cdisk *c, struct cdisk_check *check);
	/* Fills in instance, directory, disk, node, backend, pid, pid_start and state of *a. */
	int (*attach)(struct cdisk *c, const struct cdisk_attach_spec *spec,
		      struct cdisk_attachment *a);
	/* flags: CDISK_UMOUNT_*; returns when nothing of the attachment is left. */
	int (*detach)(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags,
		      unsigned int wait_ms);
	/* The disk follows the backing's new size; *ret_size = of the volume. */
	int (*resize)(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_size);
	/* Space of a free range goes back to the host. */
	int (*trim)(struct cdisk *c, const struct cdisk_attachment *a, uint64_t offset,
		    uint64_t length, uint64_t *ret_bytes);
	/*
	 * Everything written so far reaches the medium, reads and writes wait from then on, and the
	 * key is wiped. -EALREADY when it is locked.
	 */
	int (*lock)(struct cdisk *c, const struct cdisk_attachment *a);
	/*
	 * The reverse. spec: description with key and fd of the very container; anything else is
	 * -EINVAL (another container) or -CDISK_ERR_PASSPHRASE (another key), and it stays locked.
	 * -EALREADY when it is not locked.
	 */
	int (*resume)(struct cdisk *c, const struct cdisk_attachment *a,
		      const struct cdisk_attach_spec *spec);
	/* The disk's filesystem was mounted, or unmounted: told after it is so. */
	void (*note)(struct cdisk *c, const struct cdisk_attachment *a, bool mounted);
};

extern const struct cdisk_backend *const cdisk_backends_table[]; /* NULL-terminated */

/*
 * Attaches with the backend of that name, or (NULL, "auto") with the first that works and can serve
 * this volume, logging what each answered (EXPLAIN).
 */
int cdisk_backend_attach(struct cdisk *c, const char *name, const struct cdisk_attach_spec *spec,
			 struct cdisk_attachment *a);

const struct cdisk_backend *cdisk_backend_named(const char *name); /* NULL: there is none */

/*
 * A disk of the module that a killed program left without a mapping holds the container's lock: it
 * goes. 1 = there was one. For root.
 */
int cdisk_kmod_sweep(struct cdisk *c, uint64_t dev, uint64_t ino);

/* All of them with the reason why each works or not; freed with free(). The count is returned. */
int cdisk_backend_checks(struct cdisk *c, struct cdisk_check **ret_list);

/* Full path of cryptdisk-serve, found from where this library lies. */
int cdisk_serve_path(char *ret_path, size_t size);

/* ---- loop devices (over a server's disk, or a container) --------------------------------- */

/* Direct I/O, autoclear, block_size bytes per sector; *ret_fd keeps it alive until it is mounted. */
int cdisk_loop_attach(struct cdisk *c, int fd, uint32_t block_size, bool read_only, char *ret_node,
		      size_t node_size, int *ret_fd);

struct cdisk_loop_wish {
	uint32_t block_size;
	bool read_only;
	const char *name, *label; /* kept by the kernel, for who may open the device; or NULL */
};

int cdisk_loop_attach_named(struct cdisk *c, int fd, const struct cdisk_loop_wish *w,
			    char *ret_node, size_t node_size, int *ret_fd);

struct cdisk_loop_names {
	uint64_t dev, ino; /* of the file behind it */
	char name[CDISK_NAME_SIZE], label[CDISK_NAME_SIZE];
};

/* What only who may open the node is told; within a second. */
int cdisk_loop_look(const char *node, struct cdisk_loop_names *ret);

/* Only where file (path) lies behind the node; 0 also when that is no longer so. */
int cdisk_loop_detach(struct cdisk *c, const char *node, const char *file);
/* Whether the path that sysfs shows behind a loop device is that of file. */
bool cdisk_loop_backing_is(const char *backing, const char *file);
int cdisk_loop_resize(struct cdisk *c, const char *node);

/*
 * The loop device whose backing file is (dev, ino) as sysfs and LOOP_GET_STATUS64 tell it without
 * opening that file; -ENOENT. Only for root.
 */
struct cdisk_loop {
	char node[32];
	uint32_t major, minor;
	char backing[CDISK_PATH_SIZE]; /* as sysfs shows it, " (deleted)" included */
};

/* All configured loop devices from sysfs; *ret_list is freed with free(); the count. */
int cdisk_loop_list(struct cdisk_loop **ret_list);

/* ---- the kernel's view of servers -------------------------------------------------------- */

/* The mount source of a server: "cryptdisk:ID:DEV:INO:PID:STARTTIME" (numbers decimal). */
struct cdisk_source {
	char id[CDISK_ID_SIZE];
	uint64_t dev, ino;
	int32_t pid;
	uint64_t pid_start;
};

void cdisk_source_format(const struct cdisk_source *s, char *ret_text, size_t size);
int cdisk_source_parse(const char *text, struct cdisk_source *ret); /* -EINVAL; text may be hostile */

#endif
