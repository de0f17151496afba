// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "checks.h"
#include "cli.h"
#include "size.h"
#include "text.h"

#define KEYCTL_GET_KEYRING_ID 0
#define KEY_SPEC_SESSION_KEYRING (-3)

struct self {
	uint64_t uid, mnt_ns, user_ns;
	uint64_t audit_session;
	bool has_audit;
	long session_keyring; /* <= 0 = none */
	char user[CDISK_NAME_SIZE];
	char session[64]; /* logind's */
};

static uint64_t namespace_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* The first line of a small file of the kernel; "" when it cannot be read. */
static void line_of(const char *path, char *ret_line, size_t size)
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(ret_line, (int)size, f))
		ret_line[0] = '\0';
	ret_line[strcspn(ret_line, "\n")] = '\0';
	if (f)
		(void)fclose(f);
}

/* ".../session-c2.scope": logind puts each session into a group of that name. */
static void logind_session(char *ret_session, size_t size)
{
	char line[512];
	const char *begin, *end;

	ret_session[0] = '\0';
	line_of("/proc/self/cgroup", line, sizeof(line));
	begin = strstr(line, "/session-");
	end = begin ? strstr(begin, ".scope") : NULL;
	if (!end)
		return;
	begin += strlen("/session-");
	(void)snprintf(ret_session, size, "%.*s", (int)(end - begin), begin);
}

static void self_get(struct self *s)
{
	const struct passwd *pw = getpwuid(getuid());
	char line[64];

	memset(s, 0, sizeof(*s));
	s->uid = getuid();
	s->mnt_ns = namespace_of("/proc/self/ns/mnt");
	s->user_ns = namespace_of("/proc/self/ns/user");
	line_of("/proc/self/sessionid", line, sizeof(line));
	s->has_audit = number_parse(line, &s->audit_session) == 0 && s->audit_session != UINT32_MAX;
	s->session_keyring =
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	if (pw)
		(void)snprintf(s->user, sizeof(s->user), "%s", pw->pw_name);
	logind_session(s->session, sizeof(s->session));
}

static void self_output(struct cli *cli, const struct self *s)
{
	struct output *o = cli->out;

	output_number(o, "uid", s->uid);
	output_text(o, "user", s->user);
	output_text(o, "session", s->session);
	if (s->has_audit)
		output_number(o, "audit_session", s->audit_session);
	else
		output_null(o, "audit_session");
	output_number(o, "mnt_ns", s->mnt_ns);
	output_number(o, "user_ns", s->user_ns);
	output_number(
		o, "session_keyring", s->session_keyring > 0 ? (uint64_t)s->session_keyring : 0);
	output_text(o, "scope", geteuid() == 0 ? "global" : "user");
	output_text(o, "run_dir", cli->run_dir);
}

static void self_facts(struct cli *cli, const struct self *s)
{
	text_fact(cli, "User", "%s%suid %" PRIu64, s->user, s->user[0] ? ", " : "", s->uid);
	text_fact(cli, "Session", "%s", s->session[0] ? s->session : "none of logind");
	if (s->has_audit)
		text_fact(cli, "Audit session", "%" PRIu64, s->audit_session);
	text_fact(cli, "Mount space", "mnt:[%" PRIu64 "]", s->mnt_ns);
	text_fact(cli, "User space", "user:[%" PRIu64 "]", s->user_ns);
	if (s->session_keyring > 0)
		text_fact(cli, "Keyring", "%ld", s->session_keyring);
	text_fact(cli, "Scope", "%s", geteuid() == 0 ? "global (running as root)" : "user");
	text_fact(cli, "Attachments in", "%s", cli->run_dir);
}

int verb_whoami(struct cli *cli)
{
	_cleanup_free_ struct cdisk_check *backends = NULL;
	struct self s;
	int n;

	self_get(&s);
	self_output(cli, &s);
	self_facts(cli, &s);
	n = cdisk_backends(cli->c, &backends);
	if (n < 0)
		return cli_take(cli, n);
	checks_output(cli, "backends", backends, n);
	text_line(cli, "\nBackends:");
	checks_lines(cli, backends, n);
	return 0;
}
