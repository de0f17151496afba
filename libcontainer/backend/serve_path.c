// SPDX-License-Identifier: GPL-2.0-or-later
/* Where cryptdisk-serve lies: beside the library, in the layout of the installation. */
#include "backend/backend.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/util.h"

int cdisk_serve_path(char *ret_path, size_t size)
{
	char where[PATH_MAX], candidate[2 * PATH_MAX], *slash;
	Dl_info info;
	int n;

	/* An address inside this very library tells its file; nothing from the environment counts.
	 */
	if (!dladdr((const void *)(uintptr_t)&cdisk_serve_path, &info) || !info.dli_fname)
		return -ENOENT;
	if (!realpath(info.dli_fname, where))
		return -errno;
	slash = strrchr(where, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	n = snprintf(candidate, sizeof(candidate), "%s/%s/cryptdisk-serve", where,
		CDISK_LIBEXEC_FROM_LIB);
	if (n < 0 || (size_t)n >= sizeof(candidate))
		return -ENAMETOOLONG;
	if (!realpath(candidate, where))
		return -errno;
	if (strlen(where) >= size)
		return -ENAMETOOLONG;
	memcpy(ret_path, where, strlen(where) + 1);
	return 0;
}
