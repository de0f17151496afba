// SPDX-License-Identifier: GPL-2.0-or-later
/* LUKS2 metadata as text becomes structs, or is refused with the reason. */
#include "luks_test.h"
#include "format/luks2_json.h"

#define KDF "\"kdf\":{\"type\":\"argon2id\",\"time\":4,\"memory\":65536,\"cpus\":2,\"salt\":\"AAECAw==\"}"
#define AREA                                                                                       \
	"\"area\":{\"type\":\"raw\",\"offset\":\"32768\",\"size\":\"258048\",\"encryption\":"      \
	"\"aes-xts-plain64\",\"key_size\":64}"
#define AF "\"af\":{\"type\":\"luks1\",\"stripes\":4000,\"hash\":\"sha256\"}"
#define KEYSLOT "\"type\":\"luks2\",\"key_size\":64," AREA "," AF "," KDF
#define SEGMENT                                                                                    \
	"\"type\":\"crypt\",\"offset\":\"16777216\",\"size\":\"dynamic\",\"iv_tweak\":\"7\","      \
	"\"encryption\":\"aes-xts-plain64\",\"sector_size\":4096"
#define DIGEST                                                                                     \
	"\"type\":\"pbkdf2\",\"keyslots\":[\"0\",\"3\"],\"segments\":[\"0\"],\"salt\":\"AAEC\","   \
	"\"digest\":\"/+8=\",\"hash\":\"sha256\",\"iterations\":1000"
#define CONFIG "\"json_size\":\"12288\",\"keyslots_size\":\"16744448\""

static const char *const default_parts[] = {
	"\"keyslots\":{\"3\":{" KEYSLOT "},\"0\":{" KEYSLOT "}}",
	"\"tokens\":{\"0\":{\"type\":\"cryptdisk\",\"keyslots\":[\"3\"],\"label\":\"safe\","
	"\"kind\":\"recovery\"},\"1\":{\"type\":\"other\",\"keyslots\":[]}}",
	"\"segments\":{\"0\":{" SEGMENT "}}",
	"\"digests\":{\"0\":{" DIGEST "}}",
	"\"config\":{" CONFIG "}",
};

static struct cdisk_luks2 meta;

/* The default text with part number n in place of its own; n -1 = unchanged. */
static int parse_with(int n, const char *part, const char **ret_why)
{
	char text[8192] = "{";
	size_t i;

	for (i = 0; i < CDISK_ARRAY_SIZE(default_parts); i++) {
		const char *p = (int)i == n ? part : default_parts[i];

		strcat(text, p);
		if (*p && i + 1 < CDISK_ARRAY_SIZE(default_parts))
			strcat(text, ",");
	}
	strcat(text, "}");
	return cdisk_luks2_parse(text, strlen(text), &meta, ret_why);
}

static void right_metadata_is_read(void **state)
{
	static const uint8_t salt[] = {0, 1, 2, 3};
	const char *why;

	(void)state;
	assert_int_equal(parse_with(-1, "", &why), 0);
	assert_int_equal(meta.n_keyslots, 2);
	assert_int_equal(meta.keyslots[0].slot.number, 0);
	assert_int_equal(meta.keyslots[1].slot.number, 3);
	assert_string_equal(meta.keyslots[1].label, "safe");
	assert_string_equal(meta.keyslots[1].kind, "recovery");
	assert_string_equal(meta.keyslots[0].label, "");
	assert_int_equal(meta.keyslots[0].priority, 1);
	assert_string_equal(meta.keyslots[0].slot.kdf.type, "argon2id");
	assert_int_equal(meta.keyslots[0].slot.kdf.memory, 65536);
	assert_int_equal(meta.keyslots[0].slot.kdf.passes, 4);
	assert_int_equal(meta.keyslots[0].slot.kdf.lanes, 2);
	assert_int_equal(meta.keyslots[0].slot.kdf.salt_size, sizeof(salt));
	assert_memory_equal(meta.keyslots[0].slot.kdf.salt, salt, sizeof(salt));
	assert_int_equal(meta.keyslots[0].slot.area_offset, 32768);
	assert_int_equal(meta.keyslots[0].slot.stripes, 4000);
	assert_int_equal(meta.segments[0].offset, 16777216);
	assert_true(meta.segments[0].dynamic);
	assert_int_equal(meta.segments[0].iv_tweak, 7);
	assert_int_equal(meta.segments[0].sector_size, 4096);
	assert_int_equal(meta.digests[0].digest.digest_size, 2);
	assert_int_equal(meta.digests[0].digest.digest[0], 0xff);
	assert_int_equal(meta.keyslots_size, 16744448);
	assert_string_equal(meta.requirements, "");
	assert_ptr_equal(cdisk_luks2_digest_of(&meta, 3), &meta.digests[0]);
	assert_null(cdisk_luks2_digest_of(&meta, 1));
}

struct flaw {
	int n;
	const char *part, *why;
};

static void flaw_is_named(void **state)
{
	static const struct flaw flaws[] = {
		{0, "\"keyslots\":[]", "a section of the metadata is missing"},
		{0, "\"keyslots\":{\"32\":{" KEYSLOT "}}",
		 "the metadata has an object with a wrong name or type"},
		{0, "\"keyslots\":{\"x\":{" KEYSLOT "}}",
		 "the metadata has an object with a wrong name or type"},
		{0, "\"keyslots\":{\"1\":{" KEYSLOT "},\"01\":{" KEYSLOT "}}",
		 "the metadata has two objects of one name"},
		{0, "\"keyslots\":{\"0\":{}}", "a keyslot has no type"},
		{0, "\"keyslots\":{\"0\":{\"type\":\"luks2\"}}", "a keyslot's area is wrong"},
		{0, "\"keyslots\":{\"0\":{\"type\":\"luks2\",\"key_size\":-1," AREA "," AF "," KDF "}}",
		 "a keyslot's key size is wrong"},
		{0, "\"keyslots\":{\"0\":{\"type\":\"luks2\",\"key_size\":64," AREA "," AF "}}",
		 "a keyslot's key derivation is wrong"},
		{2, "\"segments\":{\"0\":{\"type\":\"crypt\",\"offset\":\"18446744073709551616\","
		    "\"size\":\"dynamic\"}}",
		 "a segment's place is wrong"},
		{2, "\"segments\":{\"0\":{\"type\":\"crypt\",\"offset\":\"-1\",\"size\":\"1\"}}",
		 "a segment's place is wrong"},
		{2, "\"segments\":{\"0\":{\"type\":\"crypt\",\"offset\":\"0\",\"size\":\"all\"}}",
		 "a segment's size is wrong"},
		{3, "\"digests\":{\"0\":{\"type\":\"pbkdf2\",\"keyslots\":[1],\"segments\":[]}}",
		 "a digest's references are wrong"},
		{3, "\"digests\":{\"0\":{\"type\":\"pbkdf2\",\"keyslots\":[\"99\"],\"segments\":[]}}",
		 "a digest's references are wrong"},
		{4, "\"config\":{}", "the size of the keyslots area is wrong"},
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(flaws); i++) {
		why = "nothing";
		assert_int_equal(parse_with(flaws[i].n, flaws[i].part, &why), -EBADMSG);
		assert_string_equal(why, flaws[i].why);
	}
}

static void requirement_without_a_readable_name_is_not_met(void **state)
{
	static const char *const parts[] = {
		"\"config\":{" CONFIG ",\"requirements\":{\"mandatory\":[\"\"]}}",
		"\"config\":{" CONFIG ",\"requirements\":{\"mandatory\":[1]}}",
		"\"config\":{" CONFIG ",\"requirements\":{\"mandatory\":\"x\"}}",
		"\"config\":{" CONFIG ",\"requirements\":7}",
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(parts); i++) {
		assert_int_equal(parse_with(4, parts[i], &why), 0);
		assert_string_equal(meta.requirements, "unknown");
	}
	assert_int_equal(
		parse_with(4, "\"config\":{" CONFIG ",\"requirements\":{\"mandatory\":[\"a\",\"b\"]}}",
			   &why),
		0);
	assert_string_equal(meta.requirements, "a,b");
}

static void deep_or_endless_text_is_refused(void **state)
{
	char *deep = malloc(100001);
	const char *why;

	(void)state;
	memset(deep, '[', 100000);
	deep[100000] = '\0';
	assert_int_equal(cdisk_luks2_parse(deep, 100000, &meta, &why), -EBADMSG);
	memcpy(deep, "{\"a\":", 5);
	assert_int_equal(cdisk_luks2_parse(deep, 100000, &meta, &why), -EBADMSG);
	free(deep);
	assert_int_equal(cdisk_luks2_parse("", 0, &meta, &why), -EBADMSG);
	assert_int_equal(cdisk_luks2_parse("{", 1, &meta, &why), -EBADMSG);
}

static void token_text_comes_back_as_label_and_kind(void **state)
{
	char part[512], *text = NULL;
	const char *why;

	(void)state;
	assert_int_equal(cdisk_luks2_token_text(3, "a \"b\" \\", "keyfile", &text), 0);
	(void)snprintf(part, sizeof(part), "\"tokens\":{\"5\":%s}", text);
	free(text);
	assert_int_equal(parse_with(1, part, &why), 0);
	assert_string_equal(meta.keyslots[1].label, "a \"b\" \\");
	assert_string_equal(meta.keyslots[1].kind, "keyfile");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_metadata_is_read),
		cmocka_unit_test(flaw_is_named),
		cmocka_unit_test(requirement_without_a_readable_name_is_not_met),
		cmocka_unit_test(deep_or_endless_text_is_refused),
		cmocka_unit_test(token_text_comes_back_as_label_and_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
