// SPDX-License-Identifier: GPL-2.0-or-later
/* Making headers and changing keyslots in memory; stock cryptsetup agrees where it is installed. */
#include "luks_test.h"
#include <sys/mman.h>
#include "format/header_write.h"
#include "format/luks_map.h"

#define ID "5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11"
#define MEMORY (UINT64_C(32) << 20)

static uint8_t volume_key[64];

static struct cdisk_luks_create create_params(void)
{
	return (struct cdisk_luks_create){
		.cipher = "aes-xts-plain64",
		.id = ID,
		.label = "holiday",
		.sector_size = 4096,
		.data_offset = CDISK_LUKS2_HEADER,
		.slot = {.kind = "passphrase",
			 .label = "first \"one\"",
			 .keyslot = 0,
			 .kdf_memory = MEMORY,
			 .kdf_passes = 4,
			 .kdf_lanes = 1},
	};
}

static int create_image(struct cdisk *c, const struct cdisk_luks_create *p, const char *passphrase)
{
	struct cdisk_secret *key = secret_of(volume_key, sizeof(volume_key));
	struct cdisk_secret *secret = secret_text(passphrase);
	int image = -1, r = cdisk_luks_create(c, p, key, secret, &image);

	cdisk_secret_free(key);
	cdisk_secret_free(secret);
	return r < 0 ? r : image;
}

/* A container file of data_size bytes of data behind the header in image. */
static const char *container_of(int image, uint64_t data_size)
{
	static char path[PATH_MAX + 256];
	struct cdisk c = {0};
	int fd;

	(void)snprintf(path, sizeof(path), "%s", work_path("made.img"));
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)(CDISK_LUKS2_HEADER + data_size)), 0);
	assert_int_equal(cdisk_header_write_new(&c, fd, image, CDISK_LUKS2_HEADER), 0);
	close(fd);
	return path;
}

static int unlock_with(struct opened *o, const char *passphrase, int keyslot)
{
	struct cdisk_secret *secret = secret_text(passphrase);
	int r;

	cdisk_description_done(&o->d);
	r = open_unlock(o, secret, keyslot, true);
	cdisk_secret_free(secret);
	return r;
}

static bool have_cryptsetup(void)
{
	return run("cryptsetup --version >/dev/null 2>&1") == 0;
}

static int cryptsetup_accepts(const char *path, const char *passphrase, const char *options)
{
	return run("printf '%%s' '%s' | cryptsetup open --test-passphrase --key-file - %s '%s' "
		   ">/dev/null 2>&1",
		   passphrase, options, path);
}

static void created_header_has_what_was_asked_for(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct opened o;
	struct cdisk c = {0};
	int image = create_image(&c, &p, "one");

	(void)state;
	if (image < 0)
		fail_msg("%d: %s", image, c.message);
	assert_int_equal(open_load(&o, container_of(image, 1 << 20)), 0);
	close(image);
	assert_string_equal(o.l.info.format, "LUKS2");
	assert_string_equal(o.l.info.id, ID);
	assert_string_equal(o.l.info.uuid, ID);
	assert_string_equal(o.l.info.label, "holiday");
	assert_string_equal(o.l.info.cipher, "aes-xts-plain64");
	assert_int_equal(o.l.info.key_size, 64);
	assert_int_equal(o.l.info.sector_size, 4096);
	assert_int_equal(o.l.info.header_size, CDISK_LUKS2_HEADER);
	assert_int_equal(o.l.info.data_offset, CDISK_LUKS2_HEADER);
	assert_int_equal(o.l.info.data_size, 1 << 20);
	assert_int_equal(o.l.info.n_keyslots, 1);
	assert_string_equal(o.l.info.keyslots[0].kdf, "argon2id");
	assert_string_equal(o.l.info.keyslots[0].label, "first \"one\"");
	assert_string_equal(o.l.info.keyslots[0].kind, "passphrase");
	assert_int_equal(o.l.info.keyslots[0].memory, MEMORY);
	assert_int_equal(o.l.info.keyslots[0].passes, 4);
	assert_int_equal(o.l.info.keyslots[0].lanes, 1);
	assert_false(o.l.info.primary_damaged || o.l.info.secondary_damaged);
	open_done(&o);
}

static void created_header_opens_with_its_passphrase_only(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct opened o;
	struct cdisk c = {0};
	int image = create_image(&c, &p, "one");

	(void)state;
	assert_true(image >= 0);
	assert_int_equal(open_load(&o, container_of(image, 1 << 20)), 0);
	assert_int_equal(unlock_with(&o, "One", -1), -CDISK_ERR_PASSPHRASE);
	assert_int_equal(unlock_with(&o, "one", -1), 0);
	assert_memory_equal(cdisk_secret_data(o.d.key), volume_key, sizeof(volume_key));
	assert_int_equal(o.d.size, 1 << 20);
	assert_int_equal(o.d.segments[0].cipher.iv_unit, 512);
	assert_true(o.d.dynamic);
	open_done(&o);
	close(image);
}

static void created_header_opens_with_cryptsetup(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct cdisk c = {0};
	const char *path;
	int image;

	(void)state;
	if (!have_cryptsetup())
		skip();
	image = create_image(&c, &p, "one");
	assert_true(image >= 0);
	path = container_of(image, 1 << 20);
	assert_int_equal(cryptsetup_accepts(path, "one", ""), 0);
	assert_int_not_equal(cryptsetup_accepts(path, "two", ""), 0);
	close(image);
}

static void detached_header_keeps_no_room_for_data(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct opened o;
	struct cdisk c = {0};
	int image;

	(void)state;
	p.detached = true;
	p.data_offset = 0;
	image = create_image(&c, &p, "one");
	if (image < 0)
		fail_msg("%d: %s", image, c.message);
	assert_int_equal(open_load(&o, container_of(image, 0)), 0);
	assert_int_equal(o.l.info.data_offset, 0);
	assert_int_equal(o.l.info.header_size, CDISK_LUKS2_HEADER);
	if (have_cryptsetup())
		assert_int_equal(cryptsetup_accepts(work_path("made.img"), "one", ""), 0);
	open_done(&o);
	close(image);
}

static void header_is_zero_where_no_keyslot_lies(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct cdisk c = {0};
	int image = create_image(&c, &p, "one");
	uint8_t *bytes;
	uint64_t i;

	(void)state;
	assert_true(image >= 0);
	bytes = mmap(NULL, CDISK_LUKS2_HEADER, PROT_READ, MAP_SHARED, image, 0);
	assert_true(bytes != MAP_FAILED);
	for (i = UINT64_C(1) << 20; i < CDISK_LUKS2_HEADER; i++)
		if (bytes[i] != 0)
			fail_msg("byte %llu", (unsigned long long)i);
	munmap(bytes, CDISK_LUKS2_HEADER);
	close(image);
}

static void cipher_that_cannot_be_tested_is_unsupported(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct cdisk c = {0};
	int image;

	(void)state;
	p.cipher = "serpent-xts-plain64";
	image = create_image(&c, &p, "one");
	if (image >= 0) { /* a kernel with device-mapper and this cipher */
		close(image);
		skip();
	}
	assert_int_equal(image, -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(c.message, "serpent-xts-plain64"));
}

static void costs_that_the_machine_cannot_bear_are_refused(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct cdisk c = {0};

	(void)state;
	p.slot.kdf_memory = UINT64_C(1) << 40;
	assert_true(create_image(&c, &p, "one") < 0);
	assert_true(strlen(c.message) > 0);
}

static int cancel_at_once(const char *what, uint64_t done, uint64_t total, void *data)
{
	(void)what, (void)done, (void)total, (void)data;
	return 1;
}

static void creation_is_cancelled(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct cdisk c = {.progress = cancel_at_once};

	(void)state;
	assert_int_equal(create_image(&c, &p, "one"), -ECANCELED);
}

static int add(struct cdisk *c, int image, const char *passphrase, const char *label, int keyslot)
{
	struct cdisk_key_request request = {.label = label,
					    .kind = "passphrase",
					    .keyslot = keyslot,
					    .kdf_memory = MEMORY,
					    .kdf_passes = 4,
					    .kdf_lanes = 1};
	struct cdisk_secret *key = secret_of(volume_key, sizeof(volume_key));
	struct cdisk_secret *secret = secret_text(passphrase);
	int slot = -1;
	int r = cdisk_format_luks2.key_add(c, image, key, secret, &request, &slot);

	cdisk_secret_free(key);
	cdisk_secret_free(secret);
	return r < 0 ? r : slot;
}

static void added_keyslot_opens_beside_the_first(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct opened o;
	struct cdisk c = {0};
	int image = create_image(&c, &p, "one");

	(void)state;
	assert_int_equal(add(&c, image, "two", "safe", -1), 1);
	assert_int_equal(open_load(&o, container_of(image, 1 << 20)), 0);
	assert_int_equal(unlock_with(&o, "one", -1), 0);
	assert_int_equal(o.keyslot, 0);
	assert_int_equal(unlock_with(&o, "two", -1), 0);
	assert_int_equal(o.keyslot, 1);
	assert_string_equal(o.l.info.keyslots[1].label, "safe");
	assert_string_equal(o.l.info.keyslots[0].label, "first \"one\"");
	open_done(&o);
	close(image);
}

static void removed_keyslot_leaves_no_material_and_no_label(void **state)
{
	struct cdisk_luks_create p = create_params();
	struct opened o;
	struct cdisk c = {0};
	int image = create_image(&c, &p, "one");
	struct cdisk_luks_map map;
	uint8_t *bytes;
	uint64_t i;

	(void)state;
	assert_int_equal(add(&c, image, "two", "safe", -1), 1);
	assert_int_equal(cdisk_luks_map(image, CDISK_LUKS2_HEADER, &map), 0);
	assert_int_equal(cdisk_format_luks2.key_remove(&c, image, 1), 0);
	bytes = mmap(NULL, CDISK_LUKS2_HEADER, PROT_READ, MAP_SHARED, image, 0);
	assert_true(bytes != MAP_FAILED);
	for (i = 0; i < map.areas[1].size; i++)
		assert_int_equal(bytes[map.areas[1].offset + i], 0);
	munmap(bytes, CDISK_LUKS2_HEADER);
	assert_int_equal(open_load(&o, container_of(image, 1 << 20)), 0);
	assert_int_equal(o.l.info.n_keyslots, 1);
	assert_int_equal(unlock_with(&o, "two", -1), -CDISK_ERR_PASSPHRASE);
	assert_int_equal(unlock_with(&o, "two", 1), -ENOENT);
	assert_int_equal(unlock_with(&o, "one", -1), 0);
	open_done(&o);
	assert_int_equal(add(&c, image, "three", NULL, 1), 1);
	assert_int_equal(open_load(&o, container_of(image, 1 << 20)), 0);
	assert_string_equal(o.l.info.keyslots[1].label, "");
	open_done(&o);
	close(image);
}

static void large_keyfile_opens_its_keyslot(void **state)
{
	struct cdisk_luks_create p = create_params();
	size_t size = 1 << 20;
	uint8_t *keyfile = malloc(size);
	struct cdisk_secret *key = secret_of(volume_key, sizeof(volume_key));
	struct cdisk_secret *secret;
	struct opened o;
	struct cdisk c = {0};
	int image = -1;

	(void)state;
	assert_int_equal(cdisk_random(keyfile, size), 0);
	secret = secret_of(keyfile, size);
	assert_int_equal(cdisk_luks_create(&c, &p, key, secret, &image), 0);
	assert_int_equal(open_load(&o, container_of(image, 4096)), 0);
	assert_int_equal(open_unlock(&o, secret, -1, true), 0);
	open_done(&o);
	cdisk_secret_free(secret);
	cdisk_secret_free(key);
	free(keyfile);
	close(image);
}

static void luks1_refuses_a_label(void **state)
{
	struct cdisk_key_request request = {.label = "x", .keyslot = -1};
	struct cdisk_secret *secret = secret_text("two");
	struct cdisk c = {0};
	int slot;

	(void)state;
	assert_int_equal(cdisk_format_luks1.key_add(&c, -1, secret, secret, &request, &slot),
			 -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(c.message, "LUKS1"));
	cdisk_secret_free(secret);
}

static int setup(void **state)
{
	if (cdisk_random(volume_key, sizeof(volume_key)) < 0)
		return -1;
	return workdir_make(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(created_header_has_what_was_asked_for),
		cmocka_unit_test(created_header_opens_with_its_passphrase_only),
		cmocka_unit_test(created_header_opens_with_cryptsetup),
		cmocka_unit_test(detached_header_keeps_no_room_for_data),
		cmocka_unit_test(header_is_zero_where_no_keyslot_lies),
		cmocka_unit_test(cipher_that_cannot_be_tested_is_unsupported),
		cmocka_unit_test(costs_that_the_machine_cannot_bear_are_refused),
		cmocka_unit_test(creation_is_cancelled),
		cmocka_unit_test(added_keyslot_opens_beside_the_first),
		cmocka_unit_test(removed_keyslot_leaves_no_material_and_no_label),
		cmocka_unit_test(large_keyfile_opens_its_keyslot),
		cmocka_unit_test(luks1_refuses_a_label),
	};

	return cmocka_run_group_tests(tests, setup, workdir_remove);
}
