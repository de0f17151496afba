// SPDX-License-Identifier: GPL-2.0-or-later
/* Every crafted LUKS2 header is accepted or refused as expected-luks2.tsv says, and not written. */
#include "luks_test.h"

#define ROWS_MAX 100
#define IMAGE_PATH_MAX (PATH_MAX + 256)

struct row {
	char image[128], class[8], expect[64], sha256[HEX_SHA256];
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

static int rows_read(const char *data)
{
	char path[PATH_MAX + 32], line[1024];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/expected-luks2.tsv", data);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (n_rows < ROWS_MAX && fgets(line, sizeof(line), f)) {
		struct row *row = &rows[n_rows];
		const char *sum = strrchr(line, '\t');

		if (sum && sscanf(line, "%127[^\t]\t%7[^\t]\t%63[^\t]", row->image, row->class,
				  row->expect) == 3 &&
		    sscanf(sum, " %64[0-9a-f]", row->sha256) == 1 && strlen(row->sha256) == 64)
			n_rows++;
	}
	fclose(f);
	return 0;
}

static void image_path(const struct row *row, char path[IMAGE_PATH_MAX])
{
	(void)snprintf(path, IMAGE_PATH_MAX, "%s/luks2-crafted/%s", workdir, row->image);
}

static void header_answers_as_listed(void **state)
{
	const struct row *row = *state;
	char path[IMAGE_PATH_MAX], hex[HEX_SHA256];
	struct opened o;
	int r;

	image_path(row, path);
	r = open_load(&o, path);
	if (strncmp(row->expect, "accept", 6) == 0) {
		if (r != 0)
			fail_msg("%d: %s", r, o.c.message);
	} else {
		assert_int_equal(r, -CDISK_ERR_CORRUPT);
		assert_true(strlen(o.c.message) > 10);
	}
	sha256_fd(o.fd, hex);
	assert_string_equal(hex, row->sha256);
	open_done(&o);
}

static void non_compact_metadata_survives_a_write(void **state)
{
	struct row row = {.image = "luks2-non-compact-json-token-0.img"};
	char path[IMAGE_PATH_MAX];
	struct opened o;

	(void)state;
	if (run("cryptsetup --version >/dev/null 2>&1") != 0)
		skip();
	image_path(&row, path);
	assert_int_equal(run("cp '%s' '%s.copy'", path, path), 0);
	assert_int_equal(run("cryptsetup token remove --token-id 0 '%s.copy'", path), 0);
	strcat(path, ".copy");
	assert_int_equal(open_load(&o, path), 0);
	open_done(&o);
}

/* What loads with one damaged header copy says which one it is. */
static void damaged_primary_is_told(void **state)
{
	struct row row = {.image = "luks2-invalid-checksum-hdr0.img"};
	char path[IMAGE_PATH_MAX];
	struct opened o;

	(void)state;
	image_path(&row, path);
	assert_int_equal(open_load(&o, path), 0);
	assert_true(o.l.info.primary_damaged);
	assert_false(o.l.info.secondary_damaged);
	open_done(&o);
}

static void unknown_segment_type_does_not_unlock(void **state)
{
	struct row row = {.image = "luks2-segment-unknown-type.img"};
	struct cdisk_secret *secret = secret_text("x");
	char path[IMAGE_PATH_MAX];
	struct opened o;

	(void)state;
	image_path(&row, path);
	assert_int_equal(open_load(&o, path), 0);
	assert_int_equal(open_unlock(&o, secret, -1, true), -CDISK_ERR_UNSUPPORTED);
	open_done(&o);
	cdisk_secret_free(secret);
}

/* LVM's signature over a damaged first header: the reference refuses to mend it, so do we. */
static void another_signature_over_the_header_is_ambiguous(void **state)
{
	char path[IMAGE_PATH_MAX];
	struct opened o;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/luks-misc/blkid-luks2-pv.img", workdir);
	assert_int_equal(open_load(&o, path), -CDISK_ERR_CORRUPT);
	assert_non_null(strstr(o.c.message, "ambiguous"));
	open_done(&o);
}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(non_compact_metadata_survives_a_write),
	cmocka_unit_test(damaged_primary_is_told),
	cmocka_unit_test(unknown_segment_type_does_not_unlock),
	cmocka_unit_test(another_signature_over_the_header_is_ambiguous),
};

int main(void)
{
	static struct CMUnitTest tests[ROWS_MAX + CDISK_ARRAY_SIZE(others)];
	const char *data = test_data();
	size_t i;
	int r;

	if (!data)
		return 77;
	if (workdir_make(NULL) != 0 || rows_read(data) != 0 ||
	    run("tar -xJf '%s/images/luks2-crafted.tar.xz' -C '%s'", data, workdir) != 0 ||
	    run("tar -xJf '%s/images/luks-misc.tar.xz' -C '%s' luks-misc/blkid-luks2-pv.img", data,
		workdir) != 0)
		return 1;
	for (i = 0; i < n_rows; i++)
		tests[i] = (struct CMUnitTest){rows[i].image, header_answers_as_listed, NULL, NULL,
					       &rows[i]};
	memcpy(&tests[n_rows], others, sizeof(others));
	r = _cmocka_run_group_tests("luks_crafted", tests, n_rows + CDISK_ARRAY_SIZE(others), NULL,
				    NULL);
	(void)workdir_remove(NULL);
	return r;
}
