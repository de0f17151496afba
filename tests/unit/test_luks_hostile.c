// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers that ask for too much, or for what is not there, are refused for the right reason. */
#include "luks_make.h"
#include <endian.h>
#include <time.h>

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Loads and unlocks the container in fd; the answer and its sentence. */
static int answer(int fd, const char *text, bool need_data, char *message)
{
	struct opened o;
	int r = made_load(&o, fd);

	if (r == 0)
		r = made_unlock(&o, text, -1, need_data);
	(void)snprintf(message, CDISK_MESSAGE_MAX, "%s", o.c.message);
	open_done(&o);
	close(fd);
	return r;
}

static int answer_patched(const char *from, const char *to, char *message)
{
	int fd = made_container();

	made_patch(fd, from, to);
	return answer(fd, "one", true, message);
}

static void cost_is_refused_at_once(const char *from, const char *to)
{
	char message[CDISK_MESSAGE_MAX];
	double begin;
	int r, fd = made_container();

	made_patch(fd, from, to);
	begin = seconds();
	r = answer(fd, "one", true, message);
	assert_true(seconds() - begin < 1.0);
	if (r != -CDISK_ERR_UNSUPPORTED && r != -ENOMEM)
		fail_msg("%d: %s", r, message);
	assert_non_null(strstr(message, "keyslot 0"));
}

static void argon2_memory_of_4_tib_is_refused_at_once(void **state)
{
	(void)state;
	cost_is_refused_at_once("\"memory\":64", "\"memory\":4294967295");
}

static void argon2_passes_for_hours_are_refused_at_once(void **state)
{
	(void)state;
	cost_is_refused_at_once("\"time\":4", "\"time\":2000000000");
}

static void argon2_lanes_by_the_million_are_refused_at_once(void **state)
{
	(void)state;
	cost_is_refused_at_once("\"cpus\":1", "\"cpus\":1000000");
}

static void stripes_by_the_million_are_refused(void **state)
{
	char message[CDISK_MESSAGE_MAX];
	int r;

	(void)state;
	r = answer_patched("\"stripes\":4000", "\"stripes\":2000000000", message);
	assert_true(r == -CDISK_ERR_UNSUPPORTED || r == -CDISK_ERR_CORRUPT);
}

static void digest_iterations_for_hours_are_refused(void **state)
{
	char message[CDISK_MESSAGE_MAX], json[8192] = "", from[64];
	int fd = made_container();
	char *at;

	(void)state;
	assert_int_equal(cdisk_pread_full(fd, json, sizeof(json) - 1, CDISK_LUKS2_BINARY), 0);
	at = strstr(json, "\"iterations\":");
	assert_non_null(at);
	(void)snprintf(from, sizeof(from), "%.*s", (int)strcspn(at, ",}"), at);
	made_patch(fd, from, "\"iterations\":4294967295");
	assert_int_equal(answer(fd, "one", true, message), -CDISK_ERR_UNSUPPORTED);
}

static void area_behind_the_end_of_the_file_is_damage(void **state)
{
	char message[CDISK_MESSAGE_MAX];

	(void)state;
	assert_int_equal(answer_patched("\"offset\":\"32768\"", "\"offset\":\"99999744\"", message),
			 -CDISK_ERR_CORRUPT);
}

static void unknown_hash_is_unsupported(void **state)
{
	char message[CDISK_MESSAGE_MAX];
	int r;

	(void)state;
	r = answer_patched("\"hash\":\"sha256\"", "\"hash\":\"md4x\"", message);
	assert_true(r == -CDISK_ERR_UNSUPPORTED || r == -CDISK_ERR_CORRUPT);
}

static void unknown_requirement_is_named(void **state)
{
	char message[CDISK_MESSAGE_MAX];

	(void)state;
	assert_int_equal(answer_patched("\"config\":{", "\"config\":{\"requirements\":{\"mandatory\":"
						       "[\"quantum-lock\"]},",
					message),
			 -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(message, "quantum-lock"));
}

static void fixed_data_larger_than_the_file_is_damage(void **state)
{
	char message[CDISK_MESSAGE_MAX];

	(void)state;
	assert_int_equal(
		answer_patched("\"size\":\"dynamic\"", "\"size\":\"1099511627776\"", message),
		-CDISK_ERR_CORRUPT);
	assert_non_null(strstr(message, "1099511627776"));
}

static void file_without_data_is_damage_where_data_is_needed(void **state)
{
	char message[CDISK_MESSAGE_MAX];
	int fd = made_container();

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)CDISK_LUKS2_HEADER), 0);
	assert_int_equal(answer(dup(fd), "one", true, message), -CDISK_ERR_CORRUPT);
	assert_int_equal(answer(fd, "one", false, message), 0);
}

static void data_is_cut_at_a_whole_sector(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)(CDISK_LUKS2_HEADER + 1300)), 0);
	assert_int_equal(made_load(&o, fd), 0);
	assert_int_equal(made_unlock(&o, "one", -1, true), 0);
	assert_int_equal(o.d.size, 1024);
	open_done(&o);
	close(fd);
}

static void consecutive_segments_become_one_volume(void **state)
{
	int fd = made_container();
	struct opened o;
	const char *why = NULL;

	(void)state;
	made_patch(fd, "\"size\":\"dynamic\"", "\"size\":\"4096\"");
	made_patch(fd, "\"segments\":{",
		   "\"segments\":{\"1\":{\"type\":\"crypt\",\"offset\":\"16781312\",\"size\":"
		   "\"dynamic\",\"iv_tweak\":\"8\",\"encryption\":\"aes-xts-plain64\","
		   "\"sector_size\":512},");
	made_patch(fd, "\"segments\":[\"0\"]", "\"segments\":[\"0\",\"1\"]");
	if (made_load(&o, fd) != 0)
		fail_msg("%s", o.c.message);
	assert_int_equal(made_unlock(&o, "one", -1, true), 0);
	assert_int_equal(o.d.n_segments, 2);
	assert_int_equal(o.d.size, MADE_DATA);
	assert_int_equal(o.d.segments[1].start, 4096);
	assert_int_equal(o.d.segments[1].iv0, 8);
	assert_int_equal(cdisk_description_check(&o.d, o.h.data_size, &why), 0);
	open_done(&o);
	close(fd);
}

static void segments_with_a_gap_are_unsupported(void **state)
{
	char message[CDISK_MESSAGE_MAX];
	int fd = made_container(), r;

	(void)state;
	made_patch(fd, "\"size\":\"dynamic\"", "\"size\":\"4096\"");
	made_patch(fd, "\"segments\":{",
		   "\"segments\":{\"1\":{\"type\":\"crypt\",\"offset\":\"16785408\",\"size\":"
		   "\"dynamic\",\"iv_tweak\":\"8\",\"encryption\":\"aes-xts-plain64\","
		   "\"sector_size\":512},");
	made_patch(fd, "\"segments\":[\"0\"]", "\"segments\":[\"0\",\"1\"]");
	r = answer(fd, "one", true, message);
	assert_true(r == -CDISK_ERR_UNSUPPORTED || r == -CDISK_ERR_CORRUPT);
}

static void authenticated_data_is_unsupported(void **state)
{
	char message[CDISK_MESSAGE_MAX];
	int r;

	(void)state;
	r = answer_patched("\"sector_size\":512",
			   "\"sector_size\":512,\"integrity\":{\"type\":\"hmac(sha256)\","
			   "\"journal_encryption\":\"none\",\"journal_integrity\":\"none\"}",
			   message);
	assert_int_equal(r, -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(message, "authenticated"));
}

static void null_cipher_is_refused_unless_it_is_allowed(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	made_patch(fd, "\"encryption\":\"aes-xts-plain64\",\"sector_size\"",
		   "\"encryption\":\"cipher_null-ecb\",\"sector_size\"");
	assert_int_equal(made_load(&o, fd), 0);
	assert_true(o.l.info.null_cipher);
	assert_int_equal(made_unlock(&o, "one", -1, true), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(o.c.message, "cipher_null"));
	o.c.settings = CDISK_SET_ALLOW_NULL_CIPHER;
	assert_int_equal(made_unlock(&o, "one", -1, true), 0);
	assert_int_equal(o.d.segments[0].kind, CDISK_SEGMENT_LINEAR);
	open_done(&o);
	close(fd);
}

static void null_cipher_of_a_keyslot_is_refused(void **state)
{
	char message[CDISK_MESSAGE_MAX];
	int r;

	(void)state;
	r = answer_patched("\"encryption\":\"aes-xts-plain64\",\"key_size\":64",
			   "\"encryption\":\"cipher_null-ecb\",\"key_size\":64", message);
	assert_true(r == -CDISK_ERR_UNSUPPORTED || r == -CDISK_ERR_CORRUPT);
}

static void wrong_passphrase_is_nothing_else(void **state)
{
	char message[CDISK_MESSAGE_MAX];

	(void)state;
	assert_int_equal(answer(made_container(), "two", true, message), -CDISK_ERR_PASSPHRASE);
}

static int cancel(const char *what, uint64_t done, uint64_t total, void *data)
{
	(void)done, (void)total;
	assert_string_equal(what, "deriving key");
	++*(int *)data;
	return 1;
}

static void unlocking_is_cancelled(void **state)
{
	int fd = made_container(), asked = 0;
	struct opened o;

	(void)state;
	made_patch(fd, "\"time\":4", "\"time\":100000");
	assert_int_equal(made_load(&o, fd), 0);
	o.c.progress = cancel;
	o.c.progress_data = &asked;
	assert_int_equal(made_unlock(&o, "one", -1, true), -ECANCELED);
	assert_true(asked > 0);
	open_done(&o);
	close(fd);
}

static void keyslot_of_priority_0_opens_only_when_it_is_named(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	made_patch(fd, "\"type\":\"luks2\"", "\"type\":\"luks2\",\"priority\":0");
	assert_int_equal(made_load(&o, fd), 0);
	assert_int_equal(made_unlock(&o, "one", -1, true), -CDISK_ERR_CORRUPT);
	assert_int_equal(made_unlock(&o, "one", 0, true), 0);
	open_done(&o);
	close(fd);
}

static void label_of_the_disk_is_made_printable(void **state)
{
	static const char label[] = "a\x1b[31m\xc3\xa9\xff";
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, label, sizeof(label), 24), 0);
	copy_seal(fd, 0);
	assert_int_equal(made_load(&o, fd), 0);
	assert_string_equal(o.l.info.label, "a?[31m\xc3\xa9?");
	open_done(&o);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	return cdisk_random(made_key, sizeof(made_key));
}

static void detached_header_is_not_its_own_data(void **state)
{
	struct cdisk_luks_create p = {
		.cipher = "aes-xts-plain64",
		.id = MADE_ID,
		.sector_size = 512,
		.detached = true,
		.slot = {.keyslot = 0, .kdf_memory = 64 << 10, .kdf_passes = 4, .kdf_lanes = 1},
	};
	struct cdisk_secret *key = secret_of(made_key, sizeof(made_key));
	struct cdisk_secret *secret = secret_text("one");
	char path[CDISK_FD_PATH_MAX];
	struct opened o;
	int fd = -1, same;

	(void)state;
	memset(&o, 0, sizeof(o));
	assert_int_equal(cdisk_luks_create(&o.c, &p, key, secret, &fd), 0);
	assert_int_equal(made_load(&o, fd), 0);
	assert_int_equal(made_unlock(&o, "one", -1, true), -CDISK_ERR_CORRUPT);
	assert_non_null(strstr(o.c.message, "detached header"));
	/* To test a passphrase the data is not needed. */
	assert_int_equal(made_unlock(&o, "one", -1, false), 0);
	open_done(&o);

	/* Another descriptor of the same file is not another file. */
	cdisk_fd_path(fd, path);
	same = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(same >= 0);
	o.h.image_fd = o.fd = -1;
	assert_int_equal(cdisk_header_read(&o.c, fd, same, &o.h), 0);
	assert_false(o.h.detached);
	cdisk_header_done(&o.h);
	close(same);
	close(fd);
	cdisk_secret_free(key);
	cdisk_secret_free(secret);
}

/* Both copies, 4 MiB each, say {"a":[{},{},...]} with right checksums: a gigabyte when parsed. */
static void metadata_of_a_million_parts_is_refused_at_once(void **state)
{
	uint8_t *copy = calloc(1, CDISK_LUKS2_COPY_MAX);
	char message[CDISK_MESSAGE_MAX], *text = (char *)copy + CDISK_LUKS2_BINARY;
	size_t room = CDISK_LUKS2_COPY_MAX - CDISK_LUKS2_BINARY - 16, n;
	int fd = made_container();
	double begin;

	(void)state;
	assert_non_null(copy);
	assert_int_equal(ftruncate(fd, 40 << 20), 0);
	n = (size_t)sprintf(text, "{\"a\":[{}");
	while (n + 8 < room)
		n += (size_t)sprintf(text + n, ",{}");
	(void)sprintf(text + n, "]}");
	for (int second = 0; second < 2; second++) {
		uint64_t offset = second ? CDISK_LUKS2_COPY_MAX : 0, at, be;
		uint8_t digest[CDISK_HASH_MAX];

		at = second ? CDISK_LUKS2_COPY_MIN : 0;
		assert_int_equal(cdisk_pread_full(fd, copy, CDISK_LUKS2_BINARY, at), 0);
		be = htobe64(CDISK_LUKS2_COPY_MAX);
		memcpy(copy + 8, &be, sizeof(be));
		be = htobe64(offset);
		memcpy(copy + 256, &be, sizeof(be));
		memset(copy + 448, 0, 64);
		assert_true(cdisk_hash("sha256", copy, CDISK_LUKS2_COPY_MAX, digest) >= 0);
		memcpy(copy + 448, digest, 32);
		assert_int_equal(cdisk_pwrite_full(fd, copy, CDISK_LUKS2_COPY_MAX, offset), 0);
	}
	free(copy);
	begin = seconds();
	assert_int_equal(answer(fd, "one", true, message), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(message, "parts"));
	assert_true(seconds() - begin < 1.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argon2_memory_of_4_tib_is_refused_at_once),
		cmocka_unit_test(argon2_passes_for_hours_are_refused_at_once),
		cmocka_unit_test(argon2_lanes_by_the_million_are_refused_at_once),
		cmocka_unit_test(stripes_by_the_million_are_refused),
		cmocka_unit_test(digest_iterations_for_hours_are_refused),
		cmocka_unit_test(area_behind_the_end_of_the_file_is_damage),
		cmocka_unit_test(unknown_hash_is_unsupported),
		cmocka_unit_test(unknown_requirement_is_named),
		cmocka_unit_test(fixed_data_larger_than_the_file_is_damage),
		cmocka_unit_test(file_without_data_is_damage_where_data_is_needed),
		cmocka_unit_test(data_is_cut_at_a_whole_sector),
		cmocka_unit_test(consecutive_segments_become_one_volume),
		cmocka_unit_test(segments_with_a_gap_are_unsupported),
		cmocka_unit_test(authenticated_data_is_unsupported),
		cmocka_unit_test(null_cipher_is_refused_unless_it_is_allowed),
		cmocka_unit_test(null_cipher_of_a_keyslot_is_refused),
		cmocka_unit_test(wrong_passphrase_is_nothing_else),
		cmocka_unit_test(unlocking_is_cancelled),
		cmocka_unit_test(keyslot_of_priority_0_opens_only_when_it_is_named),
		cmocka_unit_test(label_of_the_disk_is_made_printable),
		cmocka_unit_test(detached_header_is_not_its_own_data),
		cmocka_unit_test(metadata_of_a_million_parts_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
