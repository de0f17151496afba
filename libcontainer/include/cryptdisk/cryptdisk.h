/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcryptdisk: encrypted disk containers.
 *
 * Conventions. Every function that can fail returns 0 (or a count) on success and a negative
 * number on failure: -errno, or -CDISK_ERR_* where errno cannot say it. The handle (struct cdisk)
 * then holds the sentence, the object and the advice of that failure. Out-parameters come last, are
 * called ret_* and are written on success only. "Owned by the caller" names the function that frees
 * it; free functions accept NULL. Sizes and offsets are bytes, IDs lower-case text of 36 characters.
 * A handle and what was made from it belong to one thread at a time; the volume calls pread, pwrite
 * and flush may be made from many threads at once. The library never prints, prompts, exits, reads
 * the environment or changes signals. It forks: to run programs (mkfs, filesystem servers, its own
 * server) and to keep a key derivation that it cannot interrupt in a process that it can kill.
 */
#ifndef CRYPTDISK_H
#define CRYPTDISK_H

#include <stddef.h>
#include <stdint.h>
#include <cryptdisk/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library is built with everything hidden; what this header declares is not. */
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

#define CDISK_ID_SIZE 37     /* volume ID as text, with NUL */
#define CDISK_NAME_SIZE 64   /* labels and names, with NUL */
#define CDISK_PATH_SIZE 4096 /* paths, with NUL */
#define CDISK_KEYSLOTS_MAX 32

enum cdisk_error {
	CDISK_ERR_PASSPHRASE = 4097,	  /* wrong passphrase or key, nothing else */
	CDISK_ERR_NOT_CONTAINER = 4098,	  /* no format recognised */
	CDISK_ERR_CORRUPT = 4099,	  /* a format was recognised but is damaged */
	CDISK_ERR_UNSUPPORTED = 4100,	  /* version, feature, requirement, or a bound exceeded */
	CDISK_ERR_LOCKED = 4101,	  /* held by another opener */
	CDISK_ERR_IN_USE = 4102,	  /* somebody uses the mount or disk */
	CDISK_ERR_FILESYSTEM = 4103,	  /* filesystem error, needs fsck */
	CDISK_ERR_NO_BACKEND = 4104,	  /* no backend works here */
	CDISK_ERR_PARTIAL = 4105,	  /* done, but not all of it */
	CDISK_ERR_AMBIGUOUS = 4106,	  /* a name fits more than one volume */
	CDISK_ERR_NOT_FOUND = 4107,	  /* no such volume */
	CDISK_ERR_NO_SECRET = 4108,	  /* a secret is needed and none was given */
};

/* Stable name of an error as in the table of exit codes ("bad-passphrase"); never NULL. */
const char *cdisk_error_name(int error);

/* ---- the handle ------------------------------------------------------------------------- */

struct cdisk;

enum cdisk_log_level {
	CDISK_LOG_WARNING = 1,
	CDISK_LOG_INFO = 2,
	CDISK_LOG_EXPLAIN = 3, /* the order of decisions and what each gave */
	CDISK_LOG_DEBUG = 4,
};

typedef void (*cdisk_log_fn)(enum cdisk_log_level level, const char *line, void *data);

/* done of total (0 = not known) of the work called what. Anything but 0 cancels it: -ECANCELED. */
typedef int (*cdisk_progress_fn)(const char *what, uint64_t done, uint64_t total, void *data);

#define CDISK_SET_REQUIRE_LOCKED_MEMORY (UINT32_C(1) << 0) /* refuse secrets in unlocked memory */
#define CDISK_SET_ALLOW_NULL_CIPHER (UINT32_C(1) << 1)

/* -ENOMEM is the only failure. Free with cdisk_free(). */
int cdisk_new(struct cdisk **ret_cdisk);
void cdisk_free(struct cdisk *c);

void cdisk_set_log(struct cdisk *c, cdisk_log_fn fn, void *data);
void cdisk_set_progress(struct cdisk *c, cdisk_progress_fn fn, void *data);
int cdisk_set_flags(struct cdisk *c, uint32_t flags); /* CDISK_SET_*; -EINVAL for unknown bits */

/* Where attachments live (made 0700 when it is missing) and where kept header copies may go. */
int cdisk_set_run_dir(struct cdisk *c, const char *path);
int cdisk_set_state_dir(struct cdisk *c, const char *path);

/* Of the last failed call; "" when there is nothing to say. Valid until the next call. */
const char *cdisk_message(const struct cdisk *c);
const char *cdisk_advice(const struct cdisk *c);
const char *cdisk_failed_object(const struct cdisk *c);

const char *cdisk_library_version(void);

/* ---- secrets ---------------------------------------------------------------------------- */

/* Bytes in locked (where allowed), guarded, undumped memory; wiped when freed. */
struct cdisk_secret;

/* -ENOMEM where memory cannot be locked and CDISK_SET_REQUIRE_LOCKED_MEMORY is set. */
int cdisk_secret_new(struct cdisk *c, size_t size, struct cdisk_secret **ret_secret);
void *cdisk_secret_data(struct cdisk_secret *s);
size_t cdisk_secret_size(const struct cdisk_secret *s);
void cdisk_secret_truncate(struct cdisk_secret *s, size_t size); /* wipes what is cut off */
void cdisk_secret_free(struct cdisk_secret *s);

/* Reads at most size bytes (0 = to the end, 8 MiB at most) of fd after skipping offset bytes. */
int cdisk_secret_read(struct cdisk *c, int fd, uint64_t offset, size_t size,
		      struct cdisk_secret **ret_secret);

/* ---- containers ------------------------------------------------------------------------- */

struct cdisk_container;

enum cdisk_open_mode {
	CDISK_OPEN_INSPECT = 1, /* read-only, no data lock; works beside any opener */
	CDISK_OPEN_READ = 2,	/* shared data lock: for read-only attachments */
	CDISK_OPEN_WRITE = 3,	/* exclusive data lock: for attachments that write */
	CDISK_OPEN_HEADER = 4,	/* header changes; works on a mounted container */
};

/*
 * Follows path once, checks the type (regular file or block device), takes the lock of the mode
 * and loads the header from a sealed copy. header_path (NULL = attached) names a detached header.
 * -CDISK_ERR_LOCKED at once when somebody holds it. Free with cdisk_container_close().
 */
int cdisk_container_open(struct cdisk *c, const char *path, const char *header_path,
			 enum cdisk_open_mode mode, struct cdisk_container **ret_container);

/*
 * The same for open descriptors (header_fd -1 = attached); both stay the caller's, success or not.
 * A mode that writes needs a descriptor that may write (-EACCES); no path is ever looked at.
 * cdisk_container_open() does this for "/dev/fd/N" and "/proc/self/fd/N".
 */
int cdisk_container_open_fd(struct cdisk *c, int fd, int header_fd, enum cdisk_open_mode mode,
			    struct cdisk_container **ret_container);
void cdisk_container_close(struct cdisk_container *ct);

struct cdisk_keyslot {
	int number;
	char kind[16];	/* "passphrase", "keyfile", "recovery"; "" = not told */
	char label[CDISK_NAME_SIZE];
	char kdf[16];	/* "argon2id", "argon2i", "pbkdf2" */
	char hash[32];	/* of PBKDF2 and the anti-forensic splitter */
	uint64_t memory; /* bytes; 0 for PBKDF2 */
	uint64_t passes; /* argon2 passes or PBKDF2 iterations */
	uint32_t lanes;
	char cipher[64]; /* of the slot's area */
	uint32_t key_size; /* bytes of the key it holds */
	int unbound;	/* holds no key of this volume */
};

struct cdisk_info {
	char path[CDISK_PATH_SIZE];
	char header_path[CDISK_PATH_SIZE]; /* "" = attached */
	uint64_t dev, ino, file_size;
	char format[16]; /* "LUKS1", "LUKS2", ... */
	char id[CDISK_ID_SIZE];
	char uuid[64]; /* as the header has it, unprintable bytes replaced */
	char label[CDISK_NAME_SIZE];
	char cipher[64];
	uint32_t key_size; /* bytes */
	uint32_t sector_size;
	uint64_t header_size; /* bytes of header and keyslots area */
	uint64_t data_offset, data_size;
	uint64_t generation; /* LUKS2 sequence number; 0 where the format has none */
	char requirements[256]; /* mandatory ones, comma separated */
	int null_cipher;
	int primary_damaged, secondary_damaged; /* LUKS2 header copies */
	unsigned int n_keyslots;
	struct cdisk_keyslot keyslots[CDISK_KEYSLOTS_MAX];
};

/* Valid until the container is closed or its header changes. */
const struct cdisk_info *cdisk_container_info(const struct cdisk_container *ct);

/* ---- unlocked volumes ------------------------------------------------------------------- */

struct cdisk_volume;

/*
 * Derives the key (bounded and cancellable) and checks it. keyslot -1 tries all. The volume keeps
 * the container's descriptor; the container may be closed before it. Free with cdisk_volume_close().
 * -CDISK_ERR_PASSPHRASE, -CDISK_ERR_UNSUPPORTED (a bound exceeded), -ENOMEM, -ECANCELED, -EIO.
 */
int cdisk_container_unlock(struct cdisk_container *ct, struct cdisk_secret *passphrase, int keyslot,
			   struct cdisk_volume **ret_volume);
void cdisk_volume_close(struct cdisk_volume *v);

uint64_t cdisk_volume_size(const struct cdisk_volume *v);
uint32_t cdisk_volume_sector_size(const struct cdisk_volume *v);
int cdisk_volume_keyslot(const struct cdisk_volume *v); /* that opened it; -1 = none */

/* All of size bytes or an error: 0, -EIO, -ENOSPC, -EINVAL beyond the end, -EROFS. */
int cdisk_volume_pread(struct cdisk_volume *v, void *buf, size_t size, uint64_t offset);
int cdisk_volume_pwrite(struct cdisk_volume *v, const void *buf, size_t size, uint64_t offset);
int cdisk_volume_flush(struct cdisk_volume *v);

/* ---- creating --------------------------------------------------------------------------- */

enum cdisk_wipe { CDISK_WIPE_NONE = 0, CDISK_WIPE_DISCARD, CDISK_WIPE_ZERO, CDISK_WIPE_RANDOM };

#define CDISK_CREATE_FORCE (UINT32_C(1) << 0)	   /* an existing file or a device may be used */
#define CDISK_CREATE_OVERCOMMIT (UINT32_C(1) << 1) /* larger than the free space */
#define CDISK_CREATE_WIPE (UINT32_C(1) << 2)	   /* wipe was asked for: signatures may go */

struct cdisk_create {
	const char *path;
	const char *header_path; /* NULL = attached */
	const char *fs;		 /* "ext4", "vfat", "exfat", "xfs", "btrfs" or "none" */
	const char *from;	 /* directory to copy (ext4 only); NULL = empty filesystem */
	const char *label;	 /* NULL = none */
	const char *cipher;	 /* "aes-xts-plain64"; NULL = that */
	uint64_t size;		 /* of the container file; 0 with from = sized to its content */
	uint32_t key_size;	 /* bytes; 0 = 64 */
	uint32_t sector_size;	 /* 0 = 4096 */
	uint64_t kdf_memory;	 /* bytes; 0 = chosen from the free memory */
	uint32_t kdf_passes;	 /* 0 = 4 */
	uint32_t uid, gid;	 /* owner of the filesystem's root directory and of the file */
	enum cdisk_wipe wipe;
	uint32_t flags; /* CDISK_CREATE_* */
};

/* What cdisk_create() will do, or did. */
struct cdisk_plan {
	char id[CDISK_ID_SIZE]; /* "" before it was made */
	char format[16], cipher[64], fs[16], kdf[16];
	uint64_t file_size, data_offset, data_size, free_space;
	uint64_t kdf_memory, inodes; /* inodes: 0 = the filesystem's default */
	uint32_t key_size, sector_size, kdf_passes, kdf_lanes;
};

int cdisk_create_plan(struct cdisk *c, const struct cdisk_create *p, struct cdisk_plan *ret_plan);

/*
 * Makes file, header and filesystem; the header comes last, so that a file that was not finished
 * is never taken for a container. On failure no new file is left. -EEXIST, -ENOSPC, -EACCES, ...
 */
int cdisk_create(struct cdisk *c, const struct cdisk_create *p, struct cdisk_secret *passphrase,
		 struct cdisk_plan *ret_plan);

/* ---- keys and headers: containers opened with CDISK_OPEN_HEADER -------------------------- */

#define CDISK_KEEP_HEADER_BACKUP (UINT32_C(1) << 0) /* the copy that guards the change is kept */
#define CDISK_RESTORE_OLDER (UINT32_C(1) << 1)	    /* allow a header of an older generation */
#define CDISK_RESTORE_OTHER (UINT32_C(1) << 2)	    /* allow another volume ID */
#define CDISK_REMOVE_LAST (UINT32_C(1) << 3)	    /* allow to remove the last keyslot */

struct cdisk_key {
	const char *label;   /* NULL = none */
	const char *kind;    /* "passphrase", "keyfile", "recovery"; NULL = passphrase */
	int keyslot;	     /* -1 = first free */
	uint64_t kdf_memory; /* as in struct cdisk_create */
	uint32_t kdf_passes;
	uint32_t flags;
};

int cdisk_key_add(struct cdisk_container *ct, struct cdisk_secret *old_secret,
		  struct cdisk_secret *new_secret, const struct cdisk_key *params,
		  int *ret_keyslot);
/* Removes slot keyslot, or (keyslot -1) the slot that secret opens. */
int cdisk_key_remove(struct cdisk_container *ct, int keyslot, struct cdisk_secret *secret,
		     uint32_t flags, int *ret_keyslot);
int cdisk_key_change(struct cdisk_container *ct, struct cdisk_secret *old_secret,
		     struct cdisk_secret *new_secret, const struct cdisk_key *params,
		     int *ret_keyslot);
/* Which slot a secret opens; keyslot -1 = any. Works in every mode. */
int cdisk_key_test(struct cdisk_container *ct, struct cdisk_secret *secret, int keyslot,
		   int *ret_keyslot);
/* A fresh recovery key as text (256 bits, letters and dashes). Owned by the caller. */
int cdisk_recovery_key(struct cdisk *c, struct cdisk_secret **ret_secret);

int cdisk_header_backup(struct cdisk_container *ct, const char *file); /* new file, 0600 */
int cdisk_header_restore(struct cdisk *c, const char *path, const char *header_path,
			 const char *file, uint32_t flags);
/* Repairs a damaged header copy from the good one: 1 = repaired, 0 = nothing to do. */
int cdisk_header_repair(struct cdisk_container *ct);

/*
 * Guard and kept copies of this container's header (beside it and in the state directory). With a secret
 * only those that it opens. The list is NULL-terminated and freed with cdisk_strv_free().
 */
int cdisk_header_copies(struct cdisk_container *ct, struct cdisk_secret *secret, char ***ret_paths);
void cdisk_strv_free(char **strv);

/* Destroys every keyslot and both header copies for ever. */
int cdisk_erase(struct cdisk_container *ct);

/* ---- attachments ------------------------------------------------------------------------ */

enum cdisk_state {
	CDISK_STATE_LOCKED = 1, /* attached: its key is wiped until it is resumed */
	CDISK_STATE_UNLOCKED,
	CDISK_STATE_MOUNTED,
	CDISK_STATE_STALE,   /* what served it is gone; umount cleans up */
	CDISK_STATE_FOREIGN, /* opened by another tool */
};

const char *cdisk_state_name(enum cdisk_state state);

#define CDISK_LINK_SIZE 80

/* One volume that is attached to the system, as the kernel shows it. "" and 0 = does not apply. */
struct cdisk_attachment {
	enum cdisk_state state;
	char reason[160]; /* of the state, for people */
	char id[CDISK_ID_SIZE];
	char instance[CDISK_ID_SIZE + 8]; /* name of the server's directory, or of the dm device */
	char name[CDISK_NAME_SIZE], label[CDISK_NAME_SIZE];
	char backend[16], scope[16], fstype[32], format[16];
	char directory[CDISK_PATH_SIZE]; /* the server's */
	char disk[CDISK_PATH_SIZE];	 /* where the plain bytes are read and written */
	char node[CDISK_PATH_SIZE];	 /* block device over it */
	char mountpoint[CDISK_PATH_SIZE];
	char file[CDISK_PATH_SIZE]; /* the container, where it may be known */
	uint64_t dev, ino;	    /* of the container */
	uint64_t size;		    /* of the volume; 0 = not known */
	uint32_t uid;		    /* who attached it */
	int32_t pid;		    /* of the server; 0 = none */
	uint64_t pid_start;
	uint32_t connection;	/* of the server's FUSE mount, as in fusectl */
	uint32_t fs_connection; /* of a filesystem server's mount; 0 = none */
	uint64_t mnt_ns;
	uint32_t audit_session; /* UINT32_MAX = none */
	uint32_t session_keyring;
	char session[64]; /* logind's, where there is one */
	char memory[16];  /* "locked", "unlocked"; "" = not known */
	char link[CDISK_LINK_SIZE]; /* to node, by volume ID; "" = there is none */
	int read_only;
};

#define CDISK_LIST_ALL (UINT32_C(1) << 0)     /* of all users, and foreign ones */
#define CDISK_LIST_DETAILS (UINT32_C(1) << 1) /* ask one's own servers (at most 1 s each) */

/* Attachments from mountinfo and sysfs. *ret_list is freed with free(). The count is returned. */
int cdisk_list(struct cdisk *c, uint32_t flags, struct cdisk_attachment **ret_list);

/* One attachment by its server directory, or -CDISK_ERR_NOT_FOUND. */
int cdisk_find(struct cdisk *c, const char *instance, struct cdisk_attachment *ret_attachment);

#define CDISK_ATTACH_READONLY (UINT32_C(1) << 0)
#define CDISK_ATTACH_COPY (UINT32_C(1) << 1)	 /* a second container with the same ID is wanted */
#define CDISK_ATTACH_TEMPORARY (UINT32_C(1) << 2) /* ends with this process */

/* backend NULL or "auto" = the first that works; name NULL = none. */
int cdisk_attach(struct cdisk_volume *v, const char *backend, const char *name, uint32_t flags,
		 struct cdisk_attachment *ret_attachment);

#define CDISK_MOUNT_READONLY (UINT32_C(1) << 0)
#define CDISK_MOUNT_STRICT (UINT32_C(1) << 1) /* no other mount point than the one asked for */

struct cdisk_mount {
	const char *mountpoint; /* NULL = <run>/mnt/LABEL */
	const char *options;	/* comma separated, as in mount -o; NULL = none */
	uint32_t owner;		/* uid the mount is for; UINT32_MAX = the caller */
	uint32_t flags;
};

/* Mounts an attached disk; fills in mountpoint, node and fstype. The attachment stays on failure. */
int cdisk_mount(struct cdisk *c, struct cdisk_attachment *a, const struct cdisk_mount *m);

#define CDISK_UMOUNT_FORCE (UINT32_C(1) << 0)
#define CDISK_UMOUNT_LAZY (UINT32_C(1) << 1)

/*
 * Unmounts, detaches and waits until nothing is left. -CDISK_ERR_IN_USE without any effect while
 * somebody uses it (after wait_ms); -ETIMEDOUT when force did not end within 5 s; -CDISK_ERR_PARTIAL
 * when lazy left something open. What is not there is 0.
 */
int cdisk_umount(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags,
		 unsigned int wait_ms);

/*
 * Syncs the filesystem over the disk and freezes it where the kernel can, has everything reach the
 * medium, and wipes the key. The mount stays; whoever uses it waits. Only one's own: -EPERM. 1, or 0
 * when it was locked already. On failure nothing is left frozen or locked. -CDISK_ERR_UNSUPPORTED
 * where there is no key; -CDISK_ERR_IN_USE while it cannot be reached beneath another mount.
 */
int cdisk_attachment_lock(struct cdisk *c, const struct cdisk_attachment *a);

/*
 * The reverse, with the unlocked volume of the same container, opened with CDISK_OPEN_INSPECT: what
 * waits goes on. 1, or 0 when it was not locked (then v may be NULL); a filesystem that a killed lock
 * left frozen goes on, too. -CDISK_ERR_CORRUPT: another container with this ID, or another key; it
 * stays locked.
 */
int cdisk_attachment_resume(struct cdisk *c, const struct cdisk_attachment *a,
			    struct cdisk_volume *v);

/* What a container lies on. */
struct cdisk_medium {
	char device[256]; /* the drive, "/dev/sdb"; several with spaces between; "" = none */
	int removable;	  /* can be taken out: its medium, or all of it */
};

/*
 * The drive below the container of *a, which may have been unmounted since. *ret_mounts are the places
 * where anything of that drive is mounted, freed with cdisk_strv_free(). Their count is returned.
 */
int cdisk_attachment_medium(struct cdisk *c, const struct cdisk_attachment *a,
			    struct cdisk_medium *ret_medium, char ***ret_mounts);

struct cdisk_process {
	int32_t pid;
	char command[64];
	char file[CDISK_PATH_SIZE]; /* one file it holds */
};

/* Processes that use a mount or disk. *ret_list is freed with free(). The count is returned. */
int cdisk_busy(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_process **ret_list);

/* ---- events ----------------------------------------------------------------------------- */

/* In the order in which an attachment has them, then those that may come at any time. */
enum cdisk_event_kind {
	CDISK_EVENT_ARRIVED = 1,
	CDISK_EVENT_UNLOCKED,
	CDISK_EVENT_LINKED, /* its links are there; never where it has no block device */
	CDISK_EVENT_MOUNTED,
	CDISK_EVENT_IDLE_WARNING,
	CDISK_EVENT_UNMOUNTING, /* is tried; MOUNTED again when it stays */
	CDISK_EVENT_UNMOUNTED,
	CDISK_EVENT_LOCKED,
	CDISK_EVENT_DEPARTED, /* nothing of this attachment follows */
	CDISK_EVENT_ID_CHANGED,
	CDISK_EVENT_RESIZED,
	CDISK_EVENT_READ_ONLY,
	CDISK_EVENT_ERROR,
	CDISK_EVENT_DUPLICATE, /* another container with the same ID is attached, too */
};

/* "arrived", "idle-warning"; never NULL. */
const char *cdisk_event_name(enum cdisk_event_kind kind);

struct cdisk_event {
	uint64_t seq;  /* 0 = not in the log: seen by a listener that may not write there */
	char time[32]; /* RFC 3339, UTC */
	enum cdisk_event_kind kind;
	char reason[16]; /* "user", "idle", "sleep", "media-gone", "error", "lost", ...; "" = none */
	uint64_t generation; /* of the kernel module's disk; 0 = none */
	struct cdisk_attachment volume; /* as it is now known; paths only where they may be seen */
};

/*
 * Appends a line about *a to the event log of its scope. The calls that change state do so
 * themselves; this is for what a program does beside them, such as a link. reason NULL = "user".
 * What is said twice of one attachment, or after its end, is left out: 0. A log of another user is
 * never written to: 0.
 */
int cdisk_event_write(struct cdisk *c, const struct cdisk_attachment *a, enum cdisk_event_kind kind,
		      const char *reason);

/*
 * What the calls since the handle was made did not do beside their work, such as making a link or
 * telling listeners: one sentence, or "".
 */
const char *cdisk_partial(const struct cdisk *c);

struct cdisk_events;

#define CDISK_EVENTS_NOW UINT64_MAX

/*
 * Listens to the event log in run_dir (NULL = the handle's), whether it exists yet or not. since: the
 * last event that is known, so that those behind it come first (0 = all that the log holds); what is
 * no longer there is logged as a warning. CDISK_EVENTS_NOW = only what is new. Ends that nobody told
 * are found by comparing with the kernel, and added to the log where it is the caller's own. The
 * handle belongs to the listener as long as it is open. Free with cdisk_events_close().
 */
int cdisk_events_open(struct cdisk *c, const char *run_dir, uint64_t since,
		      struct cdisk_events **ret_events);

/* Readable when cdisk_events_next() may have something; of the listener, not to be read itself. */
int cdisk_events_fd(const struct cdisk_events *e);

/* 1 and the next event, or 0 = none for now. Call it until 0 before waiting for the descriptor. */
int cdisk_events_next(struct cdisk_events *e, struct cdisk_event *ret_event);
void cdisk_events_close(struct cdisk_events *e);

/* ---- maintaining ------------------------------------------------------------------------ */

/* Container and filesystem together, the volume not attached. size: of the container file. */
int cdisk_resize(struct cdisk_container *ct, struct cdisk_volume *v, uint64_t size);
/* Grows a mounted volume; ct is its container, opened with CDISK_OPEN_HEADER. */
int cdisk_resize_online(struct cdisk_container *ct, const struct cdisk_attachment *a,
			uint64_t size);

/* Gives free space back to the host file; bytes given back in *ret_bytes. */
int cdisk_trim(struct cdisk_container *ct, struct cdisk_volume *v, uint64_t *ret_bytes);
int cdisk_trim_online(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_bytes);

/*
 * Checks the filesystem, with repair mends it. 0 = clean (or mended), -CDISK_ERR_FILESYSTEM.
 * ret_report (may be NULL) gets what the checker said; freed with free().
 */
int cdisk_fsck(struct cdisk_volume *v, int repair, char **ret_report);

/* ---- what works here -------------------------------------------------------------------- */

struct cdisk_check {
	char name[48];
	int works;
	char reason[256]; /* why, or why not */
	char advice[256]; /* how to repair it; "" = nothing to do */
};

/* Backends in the order "auto" tries them. Freed with free(). The count is returned. */
int cdisk_backends(struct cdisk *c, struct cdisk_check **ret_list);
/* Everything else that decides what works: programs, kernel features, limits. */
int cdisk_doctor(struct cdisk *c, struct cdisk_check **ret_list);

/* Bytes per CPU second of one thread; -CDISK_ERR_UNSUPPORTED for an unknown cipher. */
int cdisk_benchmark_cipher(struct cdisk *c, const char *cipher, uint32_t key_size,
			   uint32_t sector_size, uint64_t *ret_encrypt, uint64_t *ret_decrypt);
/* Milliseconds one key derivation takes. */
int cdisk_benchmark_kdf(struct cdisk *c, const char *kdf, uint64_t memory, uint32_t passes,
			uint32_t lanes, uint64_t *ret_ms);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
