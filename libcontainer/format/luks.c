// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks_library.h"

#include <libcryptsetup.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "format/luks2_json.h"

#define SECTOR 512u
#define TOKENS_MAX 32
#define DATA_STAND_IN (UINT64_C(1) << 20) /* bytes; the data of a detached header, for its checks */

/* The last error libcryptsetup wanted to print. */
struct library_log {
	char text[256];
};

/* Its name for our memory file says nothing to anybody: "Device /proc/self/fd/4 is too small". */
static void log_keep(int level, const char *line, void *data)
{
	struct library_log *log = data;
	const char *path = strstr(line, "/proc/self/fd/");
	size_t digits = path ? strlen("/proc/self/fd/") : 0;

	if (level != CRYPT_LOG_ERROR)
		return;
	if (path) {
		digits += strspn(path + digits, "0123456789");
		(void)snprintf(log->text, sizeof(log->text), "%.*sof the header's copy%.200s",
			       (int)(path - line), line, path + digits);
	} else {
		(void)snprintf(log->text, sizeof(log->text), "%s", line);
	}
	log->text[strcspn(log->text, "\n")] = '\0';
}

static void device_cleanup(struct crypt_device **cd)
{
	crypt_free(*cd);
}

#define _cleanup_device_ CDISK_CLEANUP(device_cleanup)

static const char *type_of(unsigned int version)
{
	return version == 1 ? CRYPT_LUKS1 : CRYPT_LUKS2;
}

/* data_fd -1 = the data follows the header. */
static int device_init(int image_fd, int data_fd, struct library_log *log,
		       struct crypt_device **ret_cd)
{
	char path[CDISK_FD_PATH_MAX], data_path[CDISK_FD_PATH_MAX];
	struct crypt_device *cd = NULL;
	int r;

	cdisk_fd_path(image_fd, path);
	if (data_fd >= 0)
		cdisk_fd_path(data_fd, data_path);
	r = crypt_init_data_device(&cd, path, data_fd >= 0 ? data_path : NULL);
	if (r < 0)
		return r;
	crypt_set_log_callback(cd, log_keep, log);
	/* A memfd of our own has no other user; the lock directory needs root. */
	(void)crypt_metadata_locking(cd, 0);
	*ret_cd = cd;
	return 0;
}

static int validate_failed(struct cdisk *c, unsigned int version, int r, const char *text)
{
	if (r == -ENOMEM)
		return cdisk_fail(c, r, "out of memory");
	if (strcasestr(text, "ambiguous"))
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "the file is ambiguous: its first LUKS%u header is damaged and "
				  "another signature lies over it",
				  version);
	if (r == -ENOTSUP)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "the LUKS%u header is not supported%s%s",
				  version, *text ? ": " : "", text);
	return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the LUKS%u header is damaged: %s", version,
			  *text ? text : "its metadata is not valid");
}

int cdisk_luks_validate(struct cdisk *c, int image_fd, unsigned int version, char **ret_json)
{
	_cleanup_device_ struct crypt_device *cd = NULL;
	struct library_log log = {""};
	const char *json = NULL;
	char *copy;
	int r;

	r = device_init(image_fd, /* data_fd= */ -1, &log, &cd);
	if (r == 0)
		r = crypt_load(cd, type_of(version), NULL);
	if (r == 0 && ret_json)
		r = crypt_dump_json(cd, &json, 0);
	if (r < 0)
		return validate_failed(c, version, r, log.text);
	if (!ret_json)
		return 0;
	copy = strdup(json);
	if (!copy)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	*ret_json = copy;
	return 0;
}

static int answer_fail(struct cdisk_luks_answer *answer, int r, const char *what,
		       const struct library_log *log)
{
	answer->result = r;
	(void)snprintf(answer->message, sizeof(answer->message), "%.256s: %.200s", what,
		       log && log->text[0] ? log->text : strerror(-r));
	return r;
}

/* Fixed costs, never a benchmark: one under load makes a weak slot. */
static int costs_set(struct crypt_device *cd, const struct cdisk_luks_job *job,
		     struct crypt_pbkdf_type *ret_costs)
{
	struct crypt_pbkdf_type costs = {
		.type = CRYPT_KDF_ARGON2ID,
		.hash = "sha256",
		.iterations = job->kdf_passes,
		.max_memory_kb = (uint32_t)job->kdf_memory,
		.parallel_threads = job->kdf_lanes,
		.flags = CRYPT_PBKDF_NO_BENCHMARK,
	};

	if (job->version == 1) {
		costs.type = CRYPT_KDF_PBKDF2;
		costs.max_memory_kb = costs.parallel_threads = 0;
	}
	*ret_costs = costs;
	return crypt_set_pbkdf_type(cd, &costs);
}

/*
 * libcryptsetup lowers costs that it thinks the machine cannot bear, without a word. Less memory
 * than was asked for is a weaker slot than the caller was told.
 */
static bool costs_lowered(struct crypt_device *cd, const struct cdisk_luks_job *job, int keyslot)
{
	struct crypt_pbkdf_type made = {0};

	if (job->version == 1 || crypt_keyslot_get_pbkdf(cd, keyslot, &made) < 0)
		return false;
	return made.max_memory_kb < job->kdf_memory || made.iterations < job->kdf_passes;
}

static int token_add(struct crypt_device *cd, const struct cdisk_luks_job *job, int keyslot)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (job->version == 1 || (!job->slot_label[0] && !job->slot_kind[0]))
		return 0;
	r = cdisk_luks2_token_text(keyslot, job->slot_label, job->slot_kind, &text);
	if (r < 0)
		return r;
	r = crypt_token_json_set(cd, CRYPT_ANY_TOKEN, text);
	return r < 0 ? r : 0;
}

/* Our token of a keyslot goes with it; tokens of others stay, as libcryptsetup leaves them. */
static int tokens_remove(struct crypt_device *cd, int keyslot)
{
	int token;

	for (token = 0; token < TOKENS_MAX; token++) {
		const char *type = NULL;
		crypt_token_info status = crypt_token_status(cd, token, &type);
		int r;

		if (status == CRYPT_TOKEN_INACTIVE || status == CRYPT_TOKEN_INVALID)
			continue;
		if (!type || strcmp(type, "cryptdisk") != 0 ||
		    crypt_token_is_assigned(cd, token, keyslot) != 0)
			continue;
		r = crypt_token_json_set(cd, token, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/* LUKS1 encrypts its areas as its data, and libcryptsetup asks the kernel for any cipher but AES. */
static int add_failed(struct crypt_device *cd, const struct cdisk_luks_job *job, int r,
		      const struct library_log *log, struct cdisk_luks_answer *answer)
{
	const char *cipher = crypt_get_cipher(cd);

	/* It answers EINVAL, as for a wrong parameter; callers can do something about room. */
	if (strcasestr(log->text, "no space for new keyslot"))
		return answer_fail(answer, -ENOSPC, "the header has no room for another keyslot",
				   log);
	if (job->version == 1 && cipher && strcmp(cipher, "aes") != 0 && r != -ENOMEM)
		return answer_fail(answer, -CDISK_ERR_UNSUPPORTED,
				   "libcryptsetup cannot add a keyslot to this LUKS1 header without "
				   "the kernel's ciphers",
				   log);
	return answer_fail(answer, r, "no keyslot could be added", log);
}

/* The area of a new slot is always AES: data ciphers may need the kernel. */
static int slot_add(struct crypt_device *cd, const struct cdisk_luks_job *job, const uint8_t *key,
		    size_t key_size, const char *secret, size_t secret_size,
		    const struct library_log *log, struct cdisk_luks_answer *answer)
{
	struct crypt_pbkdf_type costs;
	int r = costs_set(cd, job, &costs);

	if (r == 0 && job->version == 2)
		r = crypt_keyslot_set_encryption(cd, "aes-xts-plain64", 64);
	if (r < 0)
		return answer_fail(answer, r, "the costs of the key derivation were refused", log);
	r = crypt_keyslot_add_by_volume_key(cd, job->keyslot, (const char *)key, key_size, secret,
					    secret_size);
	if (r < 0)
		return add_failed(cd, job, r, log, answer);
	answer->keyslot = r;
	if (costs_lowered(cd, job, r))
		return answer_fail(answer, -ENOMEM,
				   "this machine has not the memory that the key derivation needs",
				   /* log= */ NULL);
	r = token_add(cd, job, answer->keyslot);
	if (r < 0)
		return answer_fail(answer, r, "the keyslot's label could not be stored", log);
	return 0;
}

/* A cipher that libcryptsetup tests through the kernel fails where that has none. */
static int format_failed(const struct cdisk_luks_job *job, int r, const struct library_log *log,
			 struct cdisk_luks_answer *answer)
{
	char what[256];

	if (strcmp(job->cipher, "aes") == 0 || r == -ENOMEM)
		return answer_fail(answer, r, "no LUKS2 header could be made", log);
	(void)snprintf(what, sizeof(what),
		       "the cipher %s-%s cannot be used for a new container here, since "
		       "libcryptsetup cannot test it without the kernel's",
		       job->cipher, job->mode);
	return answer_fail(answer, -CDISK_ERR_UNSUPPORTED, what, log);
}

static void create(int image_fd, const struct cdisk_luks_job *job, const uint8_t *key,
		   size_t key_size, const char *secret, size_t secret_size,
		   struct cdisk_luks_answer *answer)
{
	_cleanup_device_ struct crypt_device *cd = NULL;
	_cleanup_close_ int data_fd = -1;
	struct library_log log = {""};
	struct crypt_pbkdf_type costs;
	struct crypt_params_luks2 params = {
		.pbkdf = &costs,
		.sector_size = job->sector_size,
		.label = job->label[0] ? job->label : NULL,
	};
	int r = 0;

	if (job->detached)
		r = cdisk_memfd_new("cryptdisk-data", DATA_STAND_IN, &data_fd);
	if (r == 0)
		r = device_init(image_fd, data_fd, &log, &cd);
	if (r == 0)
		r = costs_set(cd, job, &costs);
	if (r == 0)
		r = crypt_set_data_offset(cd, job->data_offset / SECTOR);
	if (r == 0)
		r = crypt_format(cd, CRYPT_LUKS2, job->cipher, job->mode, job->id,
				 (const char *)key, key_size, &params);
	if (r < 0) {
		(void)format_failed(job, r, &log, answer);
		return;
	}
	(void)slot_add(cd, job, key, key_size, secret, secret_size, &log, answer);
}

static int change_open(int image_fd, const struct cdisk_luks_job *job, struct library_log *log,
		       struct crypt_device **ret_cd, struct cdisk_luks_answer *answer)
{
	int r = device_init(image_fd, /* data_fd= */ -1, log, ret_cd);

	if (r == 0)
		r = crypt_load(*ret_cd, type_of(job->version), NULL);
	if (r < 0)
		return answer_fail(answer, -CDISK_ERR_CORRUPT, "the header is damaged", log);
	return 0;
}

static void change(int image_fd, const struct cdisk_luks_job *job, const uint8_t *key,
		   size_t key_size, const char *secret, size_t secret_size,
		   struct cdisk_luks_answer *answer)
{
	_cleanup_device_ struct crypt_device *cd = NULL;
	struct library_log log = {""};
	int r;

	if (change_open(image_fd, job, &log, &cd, answer) < 0)
		return;
	if (job->kind == CDISK_LUKS_KEY_ADD) {
		(void)slot_add(cd, job, key, key_size, secret, secret_size, &log, answer);
		return;
	}
	r = job->version == 2 ? tokens_remove(cd, job->keyslot) : 0;
	if (r == 0)
		r = crypt_keyslot_destroy(cd, job->keyslot);
	if (r < 0)
		(void)answer_fail(answer, r, "the keyslot could not be removed", &log);
	answer->keyslot = job->keyslot;
}

void cdisk_luks_do(int image_fd, const struct cdisk_luks_job *job, const uint8_t *key,
		   size_t key_size, const char *secret, size_t secret_size,
		   struct cdisk_luks_answer *answer)
{
	/* No plugin of the system is to be loaded into the process that holds the keys. */
	crypt_token_external_disable();
	memset(answer, 0, sizeof(*answer));
	if (job->kind == CDISK_LUKS_CREATE)
		create(image_fd, job, key, key_size, secret, secret_size, answer);
	else
		change(image_fd, job, key, key_size, secret, secret_size, answer);
}
