// SPDX-License-Identifier: GPL-2.0-or-later
// What the public calls do to descriptors: the caller's own (secrets, files it holds open) and
// those the library makes. Rows H2, H3, H4, H6 and H7 of the seeds.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cryptdisk/cryptdisk.h>

#define PASSPHRASE "correct horse"

struct place {
	char folder[64];
	char container[96];
	char replacement[96];
	struct cdisk *c;
};

static struct cdisk_secret *make_secret(struct cdisk *c, const char *text)
{
	struct cdisk_secret *s = NULL;

	assert_int_equal(cdisk_secret_new(c, strlen(text), &s), 0);
	memcpy(cdisk_secret_data(s), text, strlen(text));
	return s;
}

static void make_container(struct cdisk *c, const char *path)
{
	struct cdisk_create p = {.path = path,
				 .fs = "none",
				 .size = UINT64_C(20) << 20,
				 .kdf_memory = UINT64_C(64) << 20,
				 .kdf_passes = 4,
				 .uid = getuid(),
				 .gid = getgid()};
	struct cdisk_secret *s = make_secret(c, PASSPHRASE);
	struct cdisk_plan plan;
	int r = cdisk_create(c, &p, s, &plan);

	cdisk_secret_free(s);
	if (r < 0)
		print_error("create: %s\n", cdisk_message(c));
	assert_int_equal(r, 0);
}

static int setup(void **state)
{
	static struct place p;

	strcpy(p.folder, "/tmp/cryptdisk-handles.XXXXXX");
	assert_non_null(mkdtemp(p.folder));
	snprintf(p.container, sizeof(p.container), "%s/box.img", p.folder);
	snprintf(p.replacement, sizeof(p.replacement), "%s/other.img", p.folder);
	assert_int_equal(cdisk_new(&p.c), 0);
	assert_int_equal(cdisk_set_run_dir(p.c, p.folder), 0);
	make_container(p.c, p.container);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	cdisk_free(p->c);
	unlink(p->container);
	unlink(p->replacement);
	return rmdir(p->folder);
}

static int count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static struct cdisk_volume *unlock(struct place *p, struct cdisk_container **ret_ct)
{
	struct cdisk_secret *s = make_secret(p->c, PASSPHRASE);
	struct cdisk_volume *v = NULL;

	assert_int_equal(
		cdisk_container_open(p->c, p->container, NULL, CDISK_OPEN_WRITE, ret_ct), 0);
	assert_int_equal(cdisk_container_unlock(*ret_ct, s, -1, &v), 0);
	cdisk_secret_free(s);
	return v;
}

/* H7: a secret's descriptor is the caller's after success and after failure. */
static void secret_descriptor_stays_the_callers(void **state)
{
	struct place *p = *state;
	struct cdisk_secret *s = NULL;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int folder = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(cdisk_secret_read(p->c, fd, 0, 64, &s), 0);
	assert_int_equal(cdisk_secret_size(s), 64);
	cdisk_secret_free(s);
	assert_true(fcntl(fd, F_GETFD) >= 0);

	s = NULL;
	assert_true(cdisk_secret_read(p->c, folder, 0, 64, &s) < 0);
	assert_null(s);
	assert_true(fcntl(folder, F_GETFD) >= 0);
	assert_true(cdisk_secret_read(p->c, -1, 0, 64, &s) < 0);
	close(fd);
	close(folder);
}

/* H7: a call that fails leaves no descriptor behind, nor does open and close. */
static void failed_calls_leave_no_descriptor(void **state)
{
	struct place *p = *state;
	int before, i;

	for (i = 0; i < 3; i++) {
		struct cdisk_container *ct = NULL, *second = NULL;
		struct cdisk_secret *wrong;
		struct cdisk_volume *v = NULL;

		if (i < 2)
			before = count_descriptors();
		assert_int_equal(cdisk_container_open(p->c, p->container, NULL, CDISK_OPEN_WRITE,
					 &ct), 0);
		assert_int_equal(cdisk_container_open(p->c, p->container, NULL, CDISK_OPEN_WRITE,
					 &second), -CDISK_ERR_LOCKED);
		assert_null(second);
		wrong = make_secret(p->c, "wrong");
		assert_int_equal(cdisk_container_unlock(ct, wrong, -1, &v), -CDISK_ERR_PASSPHRASE);
		assert_null(v);
		cdisk_secret_free(wrong);
		cdisk_container_close(ct);
		assert_true(cdisk_container_open(p->c, "/nosuch", NULL, CDISK_OPEN_READ, &ct) < 0);
		assert_true(cdisk_container_open(p->c, p->folder, NULL, CDISK_OPEN_READ, &ct) < 0);
		/* the first round may open what a process keeps, such as the random source */
		if (i > 0)
			assert_int_equal(count_descriptors(), before);
	}
}

/* H6: whatever the library has open, a program started by its caller does not inherit. */
static void descriptors_are_close_on_exec(void **state)
{
	struct place *p = *state;
	struct cdisk_container *ct = NULL;
	struct cdisk_volume *v;
	bool before[256]; /* what whoever started this test left open */
	int fd, n = 0;

	for (fd = 3; fd < 256; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	v = unlock(p, &ct);
	for (fd = 3; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0 || before[fd])
			continue;
		assert_true(flags & FD_CLOEXEC);
		n++;
	}
	assert_true(n > 0);
	cdisk_volume_close(v);
	cdisk_container_close(ct);
}

/* H4: I/O is positional; the offset of the open file stays where it was. */
static void offsets_of_the_container_never_move(void **state)
{
	struct place *p = *state;
	struct cdisk_container *ct = NULL;
	struct cdisk_volume *v = unlock(p, &ct);
	off_t before[256];
	char buf[10000];
	int fd, i;

	for (fd = 3; fd < 256; fd++)
		before[fd] = lseek(fd, 0, SEEK_CUR);
	memset(buf, 'x', sizeof(buf));
	for (i = 0; i < 100; i++) {
		assert_int_equal(cdisk_volume_pwrite(v, buf, sizeof(buf), (uint64_t)i * 9999), 0);
		assert_int_equal(cdisk_volume_pread(v, buf, sizeof(buf), (uint64_t)i * 777), 0);
	}
	assert_int_equal(cdisk_volume_flush(v), 0);
	for (fd = 3; fd < 256; fd++)
		assert_int_equal(lseek(fd, 0, SEEK_CUR), before[fd]);
	cdisk_volume_close(v);
	cdisk_container_close(ct);
}

/* H3: no more rights than the descriptor has. H7: it stays the caller's whatever happens. */
static void descriptors_give_no_more_than_they_have(void **state)
{
	struct place *p = *state;
	struct cdisk_container *ct = NULL;
	int fd = open(p->container, O_RDONLY | O_CLOEXEC);
	int folder = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int unreadable = open(p->container, O_PATH | O_CLOEXEC);

	assert_int_equal(cdisk_container_open_fd(p->c, fd, -1, CDISK_OPEN_WRITE, &ct), -EACCES);
	assert_int_equal(cdisk_container_open_fd(p->c, fd, -1, CDISK_OPEN_HEADER, &ct), -EACCES);
	assert_true(cdisk_container_open_fd(p->c, folder, -1, CDISK_OPEN_READ, &ct) < 0);
	assert_true(cdisk_container_open_fd(p->c, unreadable, -1, CDISK_OPEN_READ, &ct) < 0);
	assert_true(cdisk_container_open_fd(p->c, -1, -1, CDISK_OPEN_READ, &ct) < 0);
	assert_true(cdisk_container_open_fd(p->c, 1 << 20, -1, CDISK_OPEN_READ, &ct) < 0);
	assert_null(ct);
	assert_int_equal(cdisk_container_open_fd(p->c, fd, -1, CDISK_OPEN_READ, &ct), 0);
	cdisk_container_close(ct);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	assert_true(fcntl(folder, F_GETFD) >= 0);
	assert_true(fcntl(unreadable, F_GETFD) >= 0);
	close(fd);
	close(folder);
	close(unreadable);
}

/* H2: what was opened stays what is read, whatever its path leads to meanwhile. */
static void replaced_path_changes_nothing(void **state)
{
	struct place *p = *state;
	struct cdisk_container *ct = NULL;
	struct cdisk_volume *v = unlock(p, &ct);
	char id[CDISK_ID_SIZE], text[16] = "original", back[16];

	strcpy(id, cdisk_container_info(ct)->id);
	assert_int_equal(cdisk_volume_pwrite(v, text, sizeof(text), 4096), 0);
	assert_int_equal(rename(p->container, p->replacement), 0);
	make_container(p->c, p->container);
	assert_int_equal(cdisk_volume_pread(v, back, sizeof(back), 4096), 0);
	assert_string_equal(back, "original");
	assert_string_equal(cdisk_container_info(ct)->id, id);
	cdisk_volume_close(v);
	cdisk_container_close(ct);
	assert_int_equal(rename(p->replacement, p->container), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_descriptor_stays_the_callers),
		cmocka_unit_test(failed_calls_leave_no_descriptor),
		cmocka_unit_test(descriptors_are_close_on_exec),
		cmocka_unit_test(offsets_of_the_container_never_move),
		cmocka_unit_test(descriptors_give_no_more_than_they_have),
		cmocka_unit_test(replaced_path_changes_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
