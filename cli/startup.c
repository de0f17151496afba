// SPDX-License-Identifier: GPL-2.0-or-later
#include "startup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cryptdisk/cryptdisk.h>
#include "failure.h"
#include "signals.h"

/*
 * A container opened as descriptor 1 would get our output. A descriptor that was closed is opened
 * the wrong way round, so that using it is an error and not a silent success.
 */
static void standard_descriptors(void)
{
	static const int wrong[] = {O_WRONLY, O_RDONLY, O_RDONLY};
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", wrong[fd]) != fd)
			abort();
	}
}

void startup_harden(void)
{
	const struct rlimit none = {0, 0};

	standard_descriptors();
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	signals_install();
}

/* Up to the second dot: a patch release keeps the interface. */
static bool same_release(const char *a, const char *b)
{
	unsigned int dots = 0;

	for (; *a && *a == *b; a++, b++) {
		if (*a == '.' && ++dots == 2)
			return true;
	}
	return *a == *b;
}

int startup_check_versions(const char *program, const char *library, struct failure *f)
{
	int r;

	if (same_release(program, library))
		return 0;
	r = failure_set(f, -CDISK_ERR_UNSUPPORTED,
		"this program is version %s, but the library that it found is %s", program,
		library);
	failure_hint(f, "install both from one release; 'ldd' shows which library is found");
	return r;
}
