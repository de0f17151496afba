// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <cryptdisk/cryptdisk.h>

enum {
	EXIT_OK = 0,
	EXIT_PARAMETERS = 1,
	EXIT_PASSPHRASE = 2,
	EXIT_MEMORY = 3,
	EXIT_NOT_FOUND = 4,
	EXIT_EXISTS = 5,
	EXIT_NO_CREDENTIAL = 6,
	EXIT_NOT_AUTHORISED = 7,
	EXIT_NO_BACKEND = 8,
	EXIT_FILESYSTEM = 9,
	EXIT_CORRUPT = 10,
	EXIT_LOCKED = 11,
	EXIT_UNSUPPORTED = 12,
	EXIT_PARTIAL = 13,
	EXIT_TIMEOUT = 14,
	EXIT_CANCELLED = 15,
	EXIT_NO_SPACE = 16,
	EXIT_IN_USE = 17,
	EXIT_IO = 18,
};

const struct exit_code exit_codes[] = {
	{EXIT_OK, "ok", "the asked state is reached"},
	{EXIT_PARAMETERS, "bad-parameters", "bad option, argument or combination"},
	{EXIT_PASSPHRASE, "bad-passphrase", "wrong passphrase or wrong key, nothing else"},
	{EXIT_MEMORY, "out-of-memory", "not enough memory, or it cannot be locked"},
	{EXIT_NOT_FOUND, "not-found", "no such path, volume or container; ambiguous name"},
	{EXIT_EXISTS, "exists", "exists with other content; mount point not empty"},
	{EXIT_NO_CREDENTIAL, "no-credential", "no secret is available"},
	{EXIT_NOT_AUTHORISED, "not-authorised", "any permission problem"},
	{EXIT_NO_BACKEND, "no-backend", "no backend works here"},
	{EXIT_FILESYSTEM, "filesystem", "filesystem error, needs fsck"},
	{EXIT_CORRUPT, "corrupt", "a format was recognised but is damaged"},
	{EXIT_LOCKED, "locked", "the container is held by another opener"},
	{EXIT_UNSUPPORTED, "unsupported", "version or feature not supported; a bound exceeded"},
	{EXIT_PARTIAL, "partial", "done, but not all of it"},
	{EXIT_TIMEOUT, "timeout", "of a prompt, a wait or umount --force"},
	{EXIT_CANCELLED, "cancelled", "cancelled by the user"},
	{EXIT_NO_SPACE, "no-space", "not enough free space"},
	{EXIT_IN_USE, "in-use", "somebody still uses the volume"},
	{EXIT_IO, "io-error", "reading or writing failed"},
	{0, NULL, NULL},
};

struct mapping {
	int error;
	int code;
};

static const struct mapping mappings[] = {
	{0, EXIT_OK},
	{EINVAL, EXIT_PARAMETERS},
	{ERANGE, EXIT_PARAMETERS},
	{EOVERFLOW, EXIT_PARAMETERS},
	{E2BIG, EXIT_PARAMETERS},
	{ENAMETOOLONG, EXIT_PARAMETERS},
	{EBADF, EXIT_PARAMETERS},
	{CDISK_ERR_PASSPHRASE, EXIT_PASSPHRASE},
	{ENOMEM, EXIT_MEMORY},
	{EMFILE, EXIT_MEMORY},
	{ENFILE, EXIT_MEMORY},
	{ENOENT, EXIT_NOT_FOUND},
	{ENOTDIR, EXIT_NOT_FOUND},
	{EISDIR, EXIT_NOT_FOUND},
	{ELOOP, EXIT_NOT_FOUND},
	{ENODEV, EXIT_NOT_FOUND},
	{ENXIO, EXIT_NOT_FOUND},
	{CDISK_ERR_NOT_CONTAINER, EXIT_NOT_FOUND},
	{CDISK_ERR_AMBIGUOUS, EXIT_NOT_FOUND},
	{CDISK_ERR_NOT_FOUND, EXIT_NOT_FOUND},
	{EEXIST, EXIT_EXISTS},
	{ENOTEMPTY, EXIT_EXISTS},
	{CDISK_ERR_NO_SECRET, EXIT_NO_CREDENTIAL},
	{EACCES, EXIT_NOT_AUTHORISED},
	{EPERM, EXIT_NOT_AUTHORISED},
	{EROFS, EXIT_NOT_AUTHORISED},
	{CDISK_ERR_NO_BACKEND, EXIT_NO_BACKEND},
	{CDISK_ERR_FILESYSTEM, EXIT_FILESYSTEM},
	{EUCLEAN, EXIT_FILESYSTEM},
	{CDISK_ERR_CORRUPT, EXIT_CORRUPT},
	{EBADMSG, EXIT_CORRUPT},
	{CDISK_ERR_LOCKED, EXIT_LOCKED},
	{CDISK_ERR_UNSUPPORTED, EXIT_UNSUPPORTED},
	{EOPNOTSUPP, EXIT_UNSUPPORTED},
	{ENOSYS, EXIT_UNSUPPORTED},
	{CDISK_ERR_PARTIAL, EXIT_PARTIAL},
	{ETIMEDOUT, EXIT_TIMEOUT},
	{ECANCELED, EXIT_CANCELLED},
	{EINTR, EXIT_CANCELLED},
	{ENOSPC, EXIT_NO_SPACE},
	{EDQUOT, EXIT_NO_SPACE},
	{EFBIG, EXIT_NO_SPACE},
	{CDISK_ERR_IN_USE, EXIT_IN_USE},
	{EBUSY, EXIT_IN_USE},
	{ETXTBSY, EXIT_IN_USE},
	{EIO, EXIT_IO},
};

static const struct exit_code *code_get(int code)
{
	const struct exit_code *e;

	for (e = exit_codes; e->name; e++) {
		if (e->code == code)
			break;
	}
	return e;
}

const struct exit_code *exit_for(int error)
{
	size_t i;

	for (i = 0; i < sizeof(mappings) / sizeof(mappings[0]); i++) {
		if (error == -mappings[i].error)
			return code_get(mappings[i].code);
	}
	return code_get(EXIT_IO);
}

const char *exit_describe(int error)
{
	if (error < 0 && error > -4096)
		return strerror(-error);
	return exit_for(error)->meaning;
}
