// SPDX-License-Identifier: GPL-2.0-or-later
/* Who started this server: facts that the kernel hands down from the program that did. */
#include "serve.h"

#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "base/io.h"

static uint32_t audit_session(void)
{
	_cleanup_free_ char *text = NULL;
	unsigned long n;
	char *end;

	if (cdisk_read_text("/proc/self/sessionid", 64, &text) < 0)
		return UINT32_MAX;
	errno = 0;
	n = strtoul(text, &end, 10);
	return end == text || errno || n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The scope "session-NAME.scope" that logind puts a session's processes into. */
static void logind_session(char *ret, size_t size)
{
	_cleanup_free_ char *text = NULL;
	const char *name, *end;

	if (cdisk_read_text("/proc/self/cgroup", 8192, &text) < 0)
		return;
	name = strstr(text, "/session-");
	if (!name)
		return;
	name += strlen("/session-");
	end = strstr(name, ".scope");
	if (!end || memchr(name, '/', (size_t)(end - name)) || (size_t)(end - name) >= size)
		return;
	memcpy(ret, name, (size_t)(end - name));
	ret[end - name] = '\0';
}

void serve_session_read(struct serve_session *ret)
{
	struct stat st;
	long keyring = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

	memset(ret, 0, sizeof(*ret));
	ret->uid = getuid();
	ret->audit_session = audit_session();
	if (stat("/proc/self/ns/mnt", &st) == 0)
		ret->mnt_ns = st.st_ino;
	if (keyring > 0)
		ret->keyring = (uint32_t)keyring;
	logind_session(ret->logind, sizeof(ret->logind));
}
