// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <cryptdisk/cryptdisk.h>
#include "base/util.h"

static const struct {
	int error;
	const char *name;
} names[] = {
	{0, "ok"},
	{EINVAL, "bad-parameters"},
	{CDISK_ERR_PASSPHRASE, "bad-passphrase"},
	{ENOMEM, "out-of-memory"},
	{ENOENT, "not-found"},
	{CDISK_ERR_NOT_CONTAINER, "not-found"},
	{CDISK_ERR_AMBIGUOUS, "not-found"},
	{CDISK_ERR_NOT_FOUND, "not-found"},
	{EEXIST, "exists"},
	{CDISK_ERR_NO_SECRET, "no-credential"},
	{EACCES, "not-authorised"},
	{EPERM, "not-authorised"},
	{EROFS, "not-authorised"},
	{CDISK_ERR_NO_BACKEND, "no-backend"},
	{CDISK_ERR_FILESYSTEM, "filesystem"},
	{CDISK_ERR_CORRUPT, "corrupt"},
	{CDISK_ERR_LOCKED, "locked"},
	{CDISK_ERR_UNSUPPORTED, "unsupported"},
	{CDISK_ERR_PARTIAL, "partial"},
	{ETIMEDOUT, "timeout"},
	{ECANCELED, "cancelled"},
	{ENOSPC, "no-space"},
	{EDQUOT, "no-space"},
	{EFBIG, "no-space"},
	{CDISK_ERR_IN_USE, "in-use"},
	{EIO, "io-error"},
};

const char *cdisk_error_name(int error)
{
	if (error < 0)
		error = -error;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(names); i++)
		if (names[i].error == error)
			return names[i].name;
	return "internal";
}
