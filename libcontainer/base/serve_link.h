/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over the socket between the program that opens a container and its server, and the
 * requests of the server's control file. Both sides are built together; CDISK_ABI_VERSION and the
 * sizes are checked all the same, since an update may replace one while the other runs.
 *
 * Order on the socket (SOCK_SEQPACKET, the server's descriptor 3):
 *   program -> server  struct cdisk_serve_start, with the descriptors [FUSE, backing], then the key
 *                      bytes as a message of their own (absent when key_size is 0)
 *   server -> program  struct cdisk_serve_ready, after the sandbox stands and before the first request
 *   program -> server  one byte 'k': keep running. Without it the server ends when the socket closes
 *                      and its disk is not open: so a temporary attachment ends with its program.
 */
#ifndef CDISK_BASE_SERVE_LINK_H
#define CDISK_BASE_SERVE_LINK_H

#include <stdint.h>
#include <sys/ioctl.h>
#include "base/description.h"

#define CDISK_SERVE_MAGIC UINT32_C(0x76736463) /* "cdsv" */
#define CDISK_SERVE_SOCKET 3		       /* the descriptor the server finds its socket at */

#define CDISK_SERVE_UNDER_LOOP (UINT32_C(1) << 0)	/* a kernel filesystem will write through it */
#define CDISK_SERVE_REQUIRE_LOCKED (UINT32_C(1) << 1) /* refuse unlocked memory */

struct cdisk_serve_start {
	uint32_t magic;
	uint32_t abi;	   /* CDISK_ABI_VERSION */
	uint32_t size;	   /* of this struct */
	uint32_t flags;	   /* CDISK_SERVE_* */
	uint32_t key_size; /* bytes in the second message */
	uint32_t uid;	   /* the owner: control obeys only this uid */
	char name[64];	   /* of the volume; may be empty */
	char path[4096];   /* of the container, for info only */
	char backing[16];  /* kind: "file" */
	struct cdisk_description description; /* its key pointer is NULL */
};

struct cdisk_serve_ready {
	uint32_t magic;
	int32_t result; /* 0 or negative error */
	uint32_t memory_locked;
	char message[256];
};

/* Requests of <run>/ID/control; only the owner's are answered, everybody else gets EACCES. */
struct cdisk_control_range {
	uint32_t size;	/* of this struct */
	uint32_t flags; /* must be 0 */
	uint64_t offset, length; /* in the volume, bytes */
	uint64_t done;		 /* answer: bytes given back */
};

struct cdisk_control_resize {
	uint32_t size;
	uint32_t flags;	      /* must be 0 */
	uint64_t volume_size; /* answer: bytes */
};

/*
 * LOCK: everything that was written reaches the medium, key and cipher contexts are wiped, and from
 * then on requests that need them wait: none is answered, failed or given back because of a signal.
 * EALREADY: it was locked.
 */
struct cdisk_control_lock {
	uint32_t size;
	uint32_t flags; /* must be 0 */
};

#define CDISK_CONTROL_KEY_MAX 1024u /* bytes; a volume with a longer key cannot be locked */

/*
 * RESUME: what waits goes on. EKEYREJECTED: another key than the one that was wiped; EALREADY: it
 * was not locked. The caller's struct lies in secret memory. The bytes pass through the kernel and
 * through the first page of a buffer of the server, which wipes it before it looks at them.
 */
struct cdisk_control_resume {
	uint32_t size;
	uint32_t flags; /* must be 0 */
	uint32_t key_size;
	uint32_t reserved; /* must be 0 */
	uint8_t key[CDISK_CONTROL_KEY_MAX]; /* zeros behind key_size */
};

#define CDISK_CONTROL_RESIZE _IOWR('c', 1, struct cdisk_control_resize)
#define CDISK_CONTROL_TRIM _IOWR('c', 2, struct cdisk_control_range)
#define CDISK_CONTROL_LOCK _IOW('c', 3, struct cdisk_control_lock)
#define CDISK_CONTROL_RESUME _IOW('c', 4, struct cdisk_control_resume)

/*
 * The names of a server's process: the second one while its volume is locked. So everybody sees that
 * in /proc, also while the server is stopped, and nobody has to ask it.
 */
#define CDISK_SERVE_COMMAND "cryptdisk-serve"
#define CDISK_SERVE_COMMAND_LOCKED "cryptdisk-lock"

/* Sends start, the descriptors and the key of d: 0 or -errno. */
int cdisk_serve_send(int sock, const struct cdisk_serve_start *start, const int fds[2],
		     struct cdisk_secret *key);

/*
 * Receives them; *start's description then owns the key. -EPROTO for another ABI or a short
 * message. The descriptors belong to the caller.
 */
int cdisk_serve_receive(int sock, struct cdisk_serve_start *start, int ret_fds[2]);

#endif
