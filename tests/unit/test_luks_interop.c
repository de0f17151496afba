// SPDX-License-Identifier: GPL-2.0-or-later
/* What stock cryptsetup makes opens here, and what is changed here opens there. */
#include "luks_test.h"
#include "format/header_write.h"

#define FAST "--pbkdf pbkdf2 --pbkdf-force-iterations 1000"
#define ARGON "--pbkdf argon2id --pbkdf-memory 32768 --pbkdf-force-iterations 4 --pbkdf-parallel 1"

struct recipe {
	const char *name, *options;
};

static const struct recipe recipes[] = {
	{"luks2 pbkdf2", "--type luks2 " FAST},
	{"luks2 argon2id", "--type luks2 " ARGON},
	{"luks2 4096-byte sectors", "--type luks2 --sector-size 4096 " FAST},
	{"luks2 256-bit key", "--type luks2 --key-size 256 " FAST},
	{"luks2 cbc-essiv", "--type luks2 --cipher aes-cbc-essiv:sha256 --key-size 256 " FAST},
	{"luks2 sha512", "--type luks2 --hash sha512 " FAST},
	{"luks2 small header", "--type luks2 --luks2-metadata-size 32k --luks2-keyslots-size 512k " FAST},
	{"luks2 keyslot 5", "--type luks2 --key-slot 5 " FAST},
	{"luks1", "--type luks1 --pbkdf-force-iterations 1000"},
	{"luks1 sha1", "--type luks1 --hash sha1 --pbkdf-force-iterations 1000"},
	{"luks1 cbc", "--type luks1 --cipher aes-cbc-plain64 --pbkdf-force-iterations 1000"},
};

static int format(const char *options)
{
	return run("cd '%s' && rm -f c.img vk && truncate -s 20M c.img && printf one | cryptsetup "
		   "luksFormat -q %s --key-file - c.img >/dev/null 2>&1 && printf one | cryptsetup "
		   "luksDump -q --dump-volume-key --volume-key-file vk --key-file - c.img "
		   ">/dev/null 2>&1",
		   workdir, options);
}

/* The secret gives exactly the volume key that cryptsetup knows. */
static void expect_volume_key(struct opened *o, struct cdisk_secret *secret)
{
	int fd = open(work_path("vk"), O_RDONLY | O_CLOEXEC);
	uint8_t key[128];
	ssize_t n = read(fd, key, sizeof(key));
	int r = open_unlock(o, secret, -1, true);

	close(fd);
	if (r != 0)
		fail_msg("%d: %s", r, o->c.message);
	assert_int_equal(cdisk_secret_size(o->d.key), n);
	assert_memory_equal(cdisk_secret_data(o->d.key), key, (size_t)n);
}

static void made_by_cryptsetup_opens(void **state)
{
	const struct recipe *recipe = *state;
	struct cdisk_secret *secret = secret_text("one"), *wrong = secret_text("two");
	struct opened o;

	assert_int_equal(format(recipe->options), 0);
	assert_int_equal(open_load(&o, work_path("c.img")), 0);
	expect_volume_key(&o, secret);
	cdisk_description_done(&o.d);
	assert_int_equal(open_unlock(&o, wrong, -1, true), -CDISK_ERR_PASSPHRASE);
	open_done(&o);
	cdisk_secret_free(secret);
	cdisk_secret_free(wrong);
}

static void several_keyslots_open_each(void **state)
{
	static const char *const secrets[] = {"one", "two", "three"};
	struct cdisk_secret *secret;
	struct opened o;
	int i;

	(void)state;
	assert_int_equal(format("--type luks2 " FAST), 0);
	for (i = 1; i < 3; i++)
		assert_int_equal(run("cd '%s' && printf one >old && printf %s >new && cryptsetup "
				     "luksAddKey -q " FAST " --key-file old c.img new",
				     workdir, secrets[i]),
				 0);
	assert_int_equal(open_load(&o, work_path("c.img")), 0);
	for (i = 0; i < 3; i++) {
		secret = secret_text(secrets[i]);
		expect_volume_key(&o, secret);
		assert_int_equal(o.keyslot, i);
		cdisk_description_done(&o.d);
		cdisk_secret_free(secret);
	}
	open_done(&o);
}

static void detached_header_opens_its_data(void **state)
{
	struct cdisk_secret *secret = secret_text("one");
	struct opened o = {.fd = -1};
	int data;

	(void)state;
	assert_int_equal(run("cd '%s' && rm -f h d && truncate -s 1M d && printf one | cryptsetup "
			     "luksFormat -q --type luks2 " FAST " --header h --key-file - d",
			     workdir),
			 0);
	o.fd = open(work_path("h"), O_RDONLY | O_CLOEXEC);
	data = open(work_path("d"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(cdisk_header_read(&o.c, o.fd, data, &o.h), 0);
	assert_int_equal(cdisk_format_load(&o.c, &o.h, &o.l), 0);
	assert_int_equal(open_unlock(&o, secret, -1, true), 0);
	assert_int_equal(o.d.size, 1 << 20);
	assert_int_equal(o.d.segments[0].offset, 0);
	open_done(&o);
	close(data);
	cdisk_secret_free(secret);
}

static void interrupted_reencryption_is_unsupported(void **state)
{
	struct cdisk_secret *secret = secret_text("one");
	struct opened o;

	(void)state;
	assert_int_equal(format("--type luks2 " FAST), 0);
	if (run("cd '%s' && printf one | cryptsetup reencrypt -q --init-only " FAST
		" --force-offline-reencrypt --key-file - c.img >/dev/null 2>&1",
		workdir) != 0)
		skip();
	assert_int_equal(open_load(&o, work_path("c.img")), 0);
	assert_non_null(strstr(o.l.info.requirements, "reencrypt"));
	assert_int_equal(open_unlock(&o, secret, -1, true), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(o.c.message, "reencrypt"));
	open_done(&o);
	cdisk_secret_free(secret);
}

/* Adds "two" and removes slot 0 as the entry points do, on the real file. */
static void change_key(const char *path, const struct cdisk_format *f, struct opened *o)
{
	struct cdisk_key_request request = {
		.keyslot = -1, .kdf_memory = 32 << 20, .kdf_passes = 4, .kdf_lanes = 1};
	struct cdisk_secret *secret = secret_text("two");
	int fd = open(path, O_RDWR | O_CLOEXEC), image = -1, slot;
	static uint8_t buf[1 << 20];
	uint64_t at;

	assert_int_equal(cdisk_memfd_new("test", o->h.image_size, &image), 0);
	for (at = 0; at < o->h.image_size; at += sizeof(buf)) {
		uint64_t left = o->h.image_size - at;
		size_t n = left < sizeof(buf) ? (size_t)left : sizeof(buf);

		assert_int_equal(cdisk_pread_full(o->h.image_fd, buf, n, at), 0);
		assert_int_equal(cdisk_pwrite_full(image, buf, n, at), 0);
	}
	if (f == &cdisk_format_luks1)
		request.kdf_passes = 1000;
	if (f->key_add(&o->c, image, o->d.key, secret, &request, &slot) != 0 ||
	    f->key_remove(&o->c, image, 0) != 0)
		fail_msg("%s", o->c.message);
	assert_int_equal(
		cdisk_header_commit(&o->c, fd, o->h.image_fd, image, o->h.image_size), 0);
	close(image);
	close(fd);
	cdisk_secret_free(secret);
}

static int cryptsetup_accepts(const char *text)
{
	return run("cd '%s' && printf %s | cryptsetup open --test-passphrase --key-file - c.img "
		   ">/dev/null 2>&1",
		   workdir, text);
}

static void changed_here_opens_with_cryptsetup(void **state)
{
	static const char *const types[] = {"--type luks1 --pbkdf-force-iterations 1000",
					    "--type luks2 " FAST};
	struct cdisk_secret *secret = secret_text("one");
	struct opened o;
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(types); i++) {
		assert_int_equal(format(types[i]), 0);
		assert_int_equal(open_load(&o, work_path("c.img")), 0);
		expect_volume_key(&o, secret);
		change_key(work_path("c.img"), o.l.format, &o);
		open_done(&o);
		assert_int_equal(cryptsetup_accepts("two"), 0);
		assert_int_not_equal(cryptsetup_accepts("one"), 0);
	}
	cdisk_secret_free(secret);
}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(several_keyslots_open_each),
	cmocka_unit_test(detached_header_opens_its_data),
	cmocka_unit_test(interrupted_reencryption_is_unsupported),
	cmocka_unit_test(changed_here_opens_with_cryptsetup),
};

int main(void)
{
	static struct CMUnitTest tests[CDISK_ARRAY_SIZE(recipes) + CDISK_ARRAY_SIZE(others)];
	size_t i;
	int r;

	if (run("cryptsetup --version >/dev/null 2>&1") != 0) {
		printf("cryptsetup is not installed\n");
		return 77;
	}
	for (i = 0; i < CDISK_ARRAY_SIZE(recipes); i++)
		tests[i] = (struct CMUnitTest){recipes[i].name, made_by_cryptsetup_opens, NULL,
					       NULL, (void *)(uintptr_t)&recipes[i]};
	memcpy(&tests[i], others, sizeof(others));
	if (workdir_make(NULL) != 0)
		return 1;
	r = _cmocka_run_group_tests("luks_interop", tests, CDISK_ARRAY_SIZE(tests), NULL, NULL);
	(void)workdir_remove(NULL);
	return r;
}
