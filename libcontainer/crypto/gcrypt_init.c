// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/gcrypt_init.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include "base/secret.h"
#include "crypto/crypto.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int init_result;

/*
 * All five handlers are needed: with only the one for secure memory, libgcrypt would give blocks
 * of the pool to its own free(). errno must be set, since libgcrypt makes its error from it.
 */
static void *secure_alloc(size_t size)
{
	void *p = cdisk_pool_alloc(size ? size : 1);

	if (!p)
		errno = ENOMEM;
	return p;
}

static void *plain_alloc(size_t size)
{
	return malloc(size ? size : 1);
}

static void *any_realloc(void *p, size_t size)
{
	void *q;

	if (!cdisk_pool_owns(p))
		return realloc(p, size);
	q = cdisk_pool_realloc(p, size);
	if (!q)
		errno = ENOMEM;
	return q;
}

static void any_free(void *p)
{
	if (cdisk_pool_owns(p))
		cdisk_pool_free(p);
	else
		free(p);
}

static int is_secure(const void *p)
{
	return cdisk_pool_owns(p);
}

/* In FIPS mode libgcrypt ignores the handlers; its own secure memory must be made then. */
static bool handlers_work(void)
{
	void *p = gcry_malloc_secure(1);
	bool works = p && cdisk_pool_owns(p);

	if (p)
		gcry_free(p);
	return works;
}

static void init_all(void)
{
	/* Whoever came first may hold secure memory of its own: changing the handlers would lose
	 * it. */
	bool first = gcry_control(GCRYCTL_ANY_INITIALIZATION_P) == 0;

	if (!gcry_check_version(GCRYPT_VERSION)) {
		init_result = -ENOSYS;
		return;
	}
	if (!first) {
		if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) == 0)
			gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
		return;
	}
	gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
	if (!gcry_fips_mode_active())
		gcry_set_allocation_handler(
			plain_alloc, secure_alloc, is_secure, any_realloc, any_free);
	if (gcry_fips_mode_active() || !handlers_work())
		gcry_control(GCRYCTL_INIT_SECMEM, CDISK_SECRET_POOL, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

int cdisk_crypto_init(void)
{
	pthread_once(&once, init_all);
	return init_result;
}

int cdisk_gcry_error(gcry_error_t error)
{
	switch (gcry_err_code(error)) {
	case GPG_ERR_NO_ERROR:
		return 0;
	case GPG_ERR_CIPHER_ALGO:
	case GPG_ERR_DIGEST_ALGO:
	case GPG_ERR_INV_CIPHER_MODE:
	case GPG_ERR_INV_KEYLEN:
	case GPG_ERR_NOT_IMPLEMENTED:
	case GPG_ERR_NOT_SUPPORTED:
	case GPG_ERR_UNKNOWN_ALGORITHM:
	case GPG_ERR_UNSUPPORTED_ALGORITHM:
	case GPG_ERR_WEAK_KEY: /* FIPS mode refuses equal XTS keys */
		return -EOPNOTSUPP;
	case GPG_ERR_CANCELED:
		return -ECANCELED;
	case GPG_ERR_ENOMEM: /* gcry_err_code_to_errno() of 1.10 gives no errno for it */
		return -ENOMEM;
	default:
		return -EIO;
	}
}

int cdisk_random(void *data, size_t size)
{
	char *p = data;

	while (size > 0) {
		ssize_t n = getrandom(p, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}
