// SPDX-License-Identifier: GPL-2.0-or-later
/* LOCK and RESUME of the control file: the key goes, requests wait, the same key brings both back.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include "serve_harness.h"
#include "volume_fixture.h"

#define KIB 1024u
#define VOLUME (256u * KIB)

struct setup {
	struct served v;
	struct cdisk_secret *key;
	int backing, control, disk;
};

static void open_files(struct setup *t)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/control", t->v.dir);
	t->control = open(path, O_RDWR | O_CLOEXEC);
	t->disk = open(t->v.disk, O_RDWR | O_CLOEXEC);
	assert_true(t->control >= 0 && t->disk >= 0);
}

static void setup_start(struct setup *t)
{
	struct cdisk_description d;

	t->backing = fixture_file(VOLUME);
	t->key = fixture_key();
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, VOLUME, 0, "aes", "xts-plain64", 64, 4096), 0);
	d.dynamic = true;
	assert_int_equal(serve_launch(&t->v, &d, t->backing, 0), 0);
	cdisk_description_done(&d);
	serve_keep(&t->v);
	open_files(t);
}

static void setup_stop(struct setup *t)
{
	close(t->control);
	close(t->disk);
	assert_int_equal(serve_stop(&t->v), 0);
	cdisk_secret_free(t->key);
	close(t->backing);
}

static int lock(const struct setup *t)
{
	struct cdisk_control_lock q = {.size = sizeof(q)};

	return ioctl(t->control, CDISK_CONTROL_LOCK, &q) < 0 ? -errno : 0;
}

static struct cdisk_control_resume resume_request(const struct setup *t)
{
	struct cdisk_control_resume q = {
		.size = sizeof(q), .key_size = (uint32_t)cdisk_secret_size(t->key)};

	memcpy(q.key, cdisk_secret_data(t->key), q.key_size);
	return q;
}

static int resume_with(const struct setup *t, const struct cdisk_control_resume *q)
{
	return ioctl(t->control, CDISK_CONTROL_RESUME, q) < 0 ? -errno : 0;
}

static int resume(const struct setup *t)
{
	struct cdisk_control_resume q = resume_request(t);

	return resume_with(t, &q);
}

/* ---- requests that wait, each in a thread ------------------------------------------------ */

struct request {
	pthread_t thread;
	int fd;
	bool writes;
	char byte; /* that is written, or was read */
	off_t offset;
	ssize_t result;
};

static void *request_run(void *data)
{
	struct request *r = data;
	char buf[8 * KIB];

	memset(buf, r->byte, sizeof(buf));
	r->result = r->writes ? pwrite(r->fd, buf, sizeof(buf), r->offset)
			      : pread(r->fd, buf, sizeof(buf), r->offset);
	if (r->result < 0)
		r->result = -errno;
	r->byte = buf[sizeof(buf) - 1];
	return NULL;
}

static void request_start(struct request *r)
{
	assert_int_equal(pthread_create(&r->thread, NULL, request_run, r), 0);
}

static bool request_ends(struct request *r, long ms)
{
	struct timespec limit;

	(void)clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += ms / 1000;
	limit.tv_nsec += ms % 1000 * 1000000;
	if (limit.tv_nsec >= 1000000000) {
		limit.tv_sec++;
		limit.tv_nsec -= 1000000000;
	}
	return pthread_timedjoin_np(r->thread, NULL, &limit) == 0;
}

/* `info` is answered also while every request for the disk waits. */
static void wait_for_info(const struct setup *t, const char *info)
{
	char path[96], text[65536];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/info", t->v.dir);
	for (;;) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
		assert_true(n > 0);
		text[n] = '\0';
		if (strstr(text, info))
			return;
		(void)usleep(1000);
	}
}

static void requests_wait_and_go_on_with_the_right_data(void **state)
{
	struct request reads[16], writes[16];
	struct setup t;
	char buf[8 * KIB];

	(void)state;
	setup_start(&t);
	memset(buf, 'a', sizeof(buf));
	for (int i = 0; i < 16; i++)
		assert_int_equal(pwrite(t.disk, buf, sizeof(buf), i * 8 * KIB), sizeof(buf));
	assert_int_equal(posix_fadvise(t.disk, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(lock(&t), 0);
	for (int i = 0; i < 16; i++) {
		reads[i] = (struct request){.fd = t.disk, .offset = i * 8 * KIB};
		writes[i] = (struct request){
			.fd = t.disk, .writes = true, .byte = 'b', .offset = (16 + i) * 8 * KIB};
		request_start(&reads[i]);
		request_start(&writes[i]);
	}
	/* More than there are workers, and still it answers; none of them has ended. */
	wait_for_info(&t, "\"locked\":true");
	assert_false(request_ends(&reads[0], 300));
	assert_false(request_ends(&writes[15], 10));
	assert_int_equal(resume(&t), 0);
	wait_for_info(&t, "\"locked\":false");
	for (int i = 0; i < 16; i++) {
		assert_true(request_ends(&reads[i], 60000));
		assert_true(request_ends(&writes[i], 60000));
		assert_int_equal(reads[i].result, sizeof(buf));
		assert_int_equal(reads[i].byte, 'a');
		assert_int_equal(writes[i].result, sizeof(buf));
	}
	assert_int_equal(posix_fadvise(t.disk, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(pread(t.disk, buf, sizeof(buf), 24 * 8 * KIB), sizeof(buf));
	assert_int_equal(buf[0], 'b');
	setup_stop(&t);
}

/* As the sibling above, and many times, with requests that come at every moment of it. */
static void *use_disk(void *data)
{
	struct request *r = data;
	char buf[4 * KIB], back[4 * KIB];

	for (int i = 0; i < 3000 && r->result == 0; i++) {
		memset(buf, i, sizeof(buf));
		if (pwrite(r->fd, buf, sizeof(buf), r->offset) != sizeof(buf) ||
			posix_fadvise(r->fd, r->offset, sizeof(buf), POSIX_FADV_DONTNEED) != 0 ||
			pread(r->fd, back, sizeof(back), r->offset) != sizeof(back) ||
			memcmp(buf, back, sizeof(buf)) != 0)
			r->result = i + 1;
	}
	return NULL;
}

static void locked_a_hundred_times_under_load_no_byte_is_lost(void **state)
{
	struct request users[6];
	struct setup t;

	(void)state;
	setup_start(&t);
	for (int i = 0; i < 6; i++) {
		users[i] = (struct request){.fd = t.disk, .offset = i * 16 * KIB};
		assert_int_equal(pthread_create(&users[i].thread, NULL, use_disk, &users[i]), 0);
	}
	for (int i = 0; i < 100; i++) {
		assert_int_equal(lock(&t), 0);
		assert_int_equal(resume(&t), 0);
	}
	for (int i = 0; i < 6; i++) {
		assert_true(request_ends(&users[i], 120000));
		assert_int_equal(users[i].result, 0);
	}
	setup_stop(&t);
}

static void caught(int number)
{
	(void)number;
}

static void a_signal_does_not_give_a_held_write_back(void **state)
{
	struct sigaction action = {.sa_handler = caught}, before;
	struct request write = {.writes = true, .byte = 'x', .offset = 64 * KIB};
	struct setup t;
	char buf[8 * KIB];

	(void)state;
	setup_start(&t);
	write.fd = t.disk;
	assert_int_equal(sigaction(SIGUSR1, &action, &before), 0); /* without SA_RESTART */
	assert_int_equal(lock(&t), 0);
	request_start(&write);
	for (int i = 0; i < 100; i++) {
		assert_false(request_ends(&write, 5));
		assert_int_equal(pthread_kill(write.thread, SIGUSR1), 0);
	}
	assert_int_equal(resume(&t), 0);
	assert_true(request_ends(&write, 60000));
	assert_int_equal(write.result, sizeof(buf));
	assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
	assert_int_equal(posix_fadvise(t.disk, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(pread(t.disk, buf, sizeof(buf), 64 * KIB), sizeof(buf));
	assert_int_equal(buf[8 * KIB - 1], 'x');
	setup_stop(&t);
}

static void only_the_very_same_key_resumes(void **state)
{
	struct cdisk_control_resume q;
	struct setup t;

	(void)state;
	setup_start(&t);
	assert_int_equal(resume(&t), -EALREADY);
	assert_int_equal(lock(&t), 0);
	assert_int_equal(lock(&t), -EALREADY);
	for (unsigned int i = 0; i < cdisk_secret_size(t.key); i += 51) {
		q = resume_request(&t);
		q.key[i] ^= 1;
		assert_int_equal(resume_with(&t, &q), -EKEYREJECTED);
	}
	q = resume_request(&t);
	q.key_size--;
	q.key[q.key_size] = 0;
	assert_int_equal(resume_with(&t, &q), -EKEYREJECTED);
	q = resume_request(&t);
	q.key_size++; /* HMAC would not tell a longer key that ends in zeros if it were its key */
	assert_int_equal(resume_with(&t, &q), -EKEYREJECTED);
	assert_int_equal(resume(&t), 0);
	assert_int_equal(resume(&t), -EALREADY);
	setup_stop(&t);
}

static void requests_of_another_shape_are_refused(void **state)
{
	struct cdisk_control_lock wrong[] = {{.size = 0}, {.size = 9}, {.size = 8, .flags = 1}};
	struct cdisk_control_resize resize = {.size = sizeof(resize)};
	struct cdisk_control_range range = {.size = sizeof(range), .length = 4096};
	struct cdisk_control_resume q;
	struct setup t;

	(void)state;
	setup_start(&t);
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(wrong); i++) {
		assert_int_equal(ioctl(t.control, CDISK_CONTROL_LOCK, &wrong[i]), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(ioctl(t.control, CDISK_CONTROL_LOCK, NULL), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(ioctl(t.control, _IOW('c', 4, char[16]), &q), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(lock(&t), 0);
	q = resume_request(&t);
	q.size--;
	assert_int_equal(resume_with(&t, &q), -EINVAL);
	q = resume_request(&t);
	q.flags = 1;
	assert_int_equal(resume_with(&t, &q), -EINVAL);
	q = resume_request(&t);
	q.reserved = 1;
	assert_int_equal(resume_with(&t, &q), -EINVAL);
	q = resume_request(&t);
	q.key_size = 0;
	assert_int_equal(resume_with(&t, &q), -EINVAL);
	q.key_size = CDISK_CONTROL_KEY_MAX + 1;
	assert_int_equal(resume_with(&t, &q), -EINVAL);
	q = resume_request(&t);
	q.key[CDISK_CONTROL_KEY_MAX - 1] = 1;
	assert_int_equal(resume_with(&t, &q), -EINVAL);
	/* and what else would change the volume waits for its key */
	assert_int_equal(ioctl(t.control, CDISK_CONTROL_RESIZE, &resize), -1);
	assert_int_equal(errno, ENOKEY);
	assert_int_equal(ioctl(t.control, CDISK_CONTROL_TRIM, &range), -1);
	assert_int_equal(errno, ENOKEY);
	assert_int_equal(resume(&t), 0);
	setup_stop(&t);
}

static void flush_and_attributes_are_answered_while_it_is_locked(void **state)
{
	struct setup t;
	struct stat st;
	int fd;

	(void)state;
	setup_start(&t);
	assert_int_equal(lock(&t), 0);
	assert_int_equal(fsync(t.disk), 0);
	assert_int_equal(fdatasync(t.disk), 0);
	assert_int_equal(fstat(t.disk, &st), 0);
	assert_int_equal(st.st_size, VOLUME);
	fd = open(t.v.disk, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(resume(&t), 0);
	setup_stop(&t);
}

static void it_ends_locked_when_its_mount_goes(void **state)
{
	struct setup t;

	(void)state;
	setup_start(&t);
	assert_int_equal(lock(&t), 0);
	setup_stop(&t);
}

static void killed_while_requests_wait_it_answers_all_of_them(void **state)
{
	struct request write = {.writes = true, .offset = 0}, read = {.offset = 8 * KIB};
	struct setup t;

	(void)state;
	setup_start(&t);
	write.fd = read.fd = t.disk;
	assert_int_equal(lock(&t), 0);
	request_start(&write);
	request_start(&read);
	assert_false(request_ends(&write, 100));
	assert_int_equal(kill(t.v.pid, SIGKILL), 0);
	assert_true(request_ends(&write, 60000));
	assert_true(request_ends(&read, 60000));
	assert_true(write.result < 0 && read.result < 0);
	close(t.control);
	close(t.disk);
	assert_int_equal(serve_stop(&t.v), 128 + SIGKILL);
	cdisk_secret_free(t.key);
	close(t.backing);
}

static void a_volume_without_a_key_cannot_be_locked(void **state)
{
	struct cdisk_description d;
	struct setup t;

	(void)state;
	t.backing = fixture_file(VOLUME);
	t.key = NULL;
	fixture_init(&d);
	(void)fixture_segment(&d, CDISK_SEGMENT_LINEAR, VOLUME, 0);
	assert_int_equal(serve_launch(&t.v, &d, t.backing, 0), 0);
	serve_keep(&t.v);
	open_files(&t);
	assert_int_equal(lock(&t), -EOPNOTSUPP);
	setup_stop(&t);
}

/* ---- what memory and /proc tell ---------------------------------------------------------- */

#define PIECE 16u

static unsigned int pieces_in(const char *memory, size_t size, const uint8_t *key)
{
	unsigned int n = 0;

	for (size_t at = 0; at + PIECE <= size; at++)
		for (unsigned int i = 0; i < 64 / PIECE; i++)
			n += memcmp(memory + at, key + i * PIECE, PIECE) == 0;
	return n;
}

/* Pieces of the key in all memory of the server. */
static unsigned int pieces_of_the_key(const struct setup *t)
{
	const uint8_t *key = (const uint8_t *)cdisk_secret_data(t->key) + 8;
	static char memory[64 * KIB];
	unsigned long from, to;
	unsigned int n = 0;
	char path[64], line[512];
	FILE *maps;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)t->v.pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)t->v.pid);
	maps = fopen(path, "re");
	assert_true(mem >= 0 && maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || !strstr(line, " rw"))
			continue;
		for (; from < to; from += sizeof(memory) - PIECE) {
			size_t size = to - from < sizeof(memory) ? to - from : sizeof(memory);
			ssize_t got = pread(mem, memory, size, (off_t)from);

			if (got > 0)
				n += pieces_in(memory, (size_t)got, key);
		}
	}
	(void)fclose(maps);
	close(mem);
	return n;
}

static void expect_command(const struct setup *t, const char *expected)
{
	char path[64], text[64] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)t->v.pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	(void)fclose(f);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
}

static void the_key_is_nowhere_in_memory_while_it_is_locked(void **state)
{
	struct setup t;
	char *buf = calloc(1, VOLUME);

	(void)state;
	setup_start(&t);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(pwrite(t.disk, buf, VOLUME, 0), VOLUME);
		assert_int_equal(posix_fadvise(t.disk, 0, 0, POSIX_FADV_DONTNEED), 0);
		assert_int_equal(pread(t.disk, buf, VOLUME, 0), VOLUME);
	}
	assert_true(pieces_of_the_key(&t) > 0);
	expect_command(&t, CDISK_SERVE_COMMAND);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(lock(&t), 0);
		assert_int_equal(pieces_of_the_key(&t), 0);
		expect_command(&t, CDISK_SERVE_COMMAND_LOCKED);
		assert_int_equal(resume(&t), 0);
		assert_true(pieces_of_the_key(&t) > 0);
		expect_command(&t, CDISK_SERVE_COMMAND);
	}
	setup_stop(&t);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_wait_and_go_on_with_the_right_data),
		cmocka_unit_test(locked_a_hundred_times_under_load_no_byte_is_lost),
		cmocka_unit_test(a_signal_does_not_give_a_held_write_back),
		cmocka_unit_test(only_the_very_same_key_resumes),
		cmocka_unit_test(requests_of_another_shape_are_refused),
		cmocka_unit_test(flush_and_attributes_are_answered_while_it_is_locked),
		cmocka_unit_test(it_ends_locked_when_its_mount_goes),
		cmocka_unit_test(killed_while_requests_wait_it_answers_all_of_them),
		cmocka_unit_test(a_volume_without_a_key_cannot_be_locked),
		cmocka_unit_test(the_key_is_nowhere_in_memory_while_it_is_locked),
	};

	if (serve_missing()) {
		print_message("skipped: %s\n", serve_missing());
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
