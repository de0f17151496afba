// SPDX-License-Identifier: GPL-2.0-or-later
/* Every LUKS container of the collected test data answers as opens.tsv says, and stays as it was. */
#include "luks_test.h"

#define ROWS_MAX 200
#define KEYFILE_MAX 65536
#define IMAGE_PATH_MAX (PATH_MAX + 512)

enum column {
	COLUMN_ID,
	COLUMN_CATEGORY,
	COLUMN_TYPE,
	COLUMN_IMAGE,
	COLUMN_ARCHIVE,
	COLUMN_SHA256,
	COLUMN_PASSPHRASE,
	COLUMN_OPTIONS,
	COLUMN_EXPECT,
	COLUMN_PLAIN,
	COLUMN_SOURCE,
	COLUMN_BYTES,
	COLUMN_START,
	COLUMN_COUNT,
};

struct row {
	char *line;
	const char *column[COLUMN_COUNT];
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

static void row_add(char *line)
{
	struct row *row = &rows[n_rows];
	int i;

	row->line = strdup(line);
	line = row->line;
	for (i = 0; i < COLUMN_COUNT; i++)
		row->column[i] = line ? strsep(&line, "\t\n") : "";
	if (strncmp(row->column[COLUMN_TYPE], "luks", 4) == 0)
		n_rows++;
	else
		free(row->line);
}

static int rows_read(const char *data)
{
	char path[PATH_MAX], line[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/opens.tsv", data);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (n_rows < ROWS_MAX && fgets(line, sizeof(line), f))
		row_add(line);
	fclose(f);
	return 0;
}

static void image_path(const struct row *row, char path[IMAGE_PATH_MAX])
{
	char folder[64];

	(void)snprintf(folder, sizeof(folder), "%s", strrchr(row->column[COLUMN_ARCHIVE], '/') + 1);
	*strchr(folder, '.') = '\0';
	(void)snprintf(path, IMAGE_PATH_MAX, "%s/%s/%s", workdir, folder, row->column[COLUMN_IMAGE]);
}

static struct cdisk_secret *row_secret(const struct row *row)
{
	const char *keyfile = strstr(row->column[COLUMN_OPTIONS], "-d ");
	static uint8_t content[KEYFILE_MAX];
	char path[IMAGE_PATH_MAX];
	ssize_t n;
	int fd;

	if (!keyfile)
		return secret_text(row->column[COLUMN_PASSPHRASE]);
	image_path(row, path);
	(void)snprintf(strrchr(path, '/'), 64, "/%s", keyfile + 3);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, content, sizeof(content));
	assert_true(n > 0);
	close(fd);
	return secret_of(content, (size_t)n);
}

static int row_keyslot(const struct row *row)
{
	const char *slot = strstr(row->column[COLUMN_OPTIONS], "-S");
	const char *hash = strchr(row->column[COLUMN_ID], '#');

	if (slot)
		return atoi(slot + 2);
	return strcmp(row->column[COLUMN_CATEGORY], "conversion") == 0 && hash ? atoi(hash + 1)
									       : -1;
}

static void expect_open(struct opened *o, const struct row *row, int r)
{
	char hex[HEX_SHA256];
	const char *why = NULL;

	if (r != 0)
		fail_msg("%d: %s", r, o->c.message);
	assert_int_equal(cdisk_description_check(&o->d, o->h.data_size, &why), 0);
	if (*row->column[COLUMN_BYTES])
		assert_int_equal(o->d.size, strtoull(row->column[COLUMN_BYTES], NULL, 10));
	if (*row->column[COLUMN_START])
		assert_int_equal(o->d.segments[0].offset,
				 strtoull(row->column[COLUMN_START], NULL, 10));
	sha256_plain(o->fd, &o->d, hex);
	if (*row->column[COLUMN_PLAIN])
		assert_string_equal(hex, row->column[COLUMN_PLAIN]);
}

/* A refusal names a reason, and "wrong passphrase" is not one. */
static void expect_refuse(struct opened *o, int r)
{
	assert_true(r < 0);
	assert_int_not_equal(r, -CDISK_ERR_PASSPHRASE);
	assert_true(strlen(o->c.message) > 10);
	print_message("%s\n", o->c.message);
}

static void expect_row(struct opened *o, const struct row *row, int loaded)
{
	const char *expect = row->column[COLUMN_EXPECT];
	bool need_data = strcmp(expect, "keyslot") != 0 && strcmp(expect, "wrongkey") != 0;
	struct cdisk_secret *secret = row_secret(row);
	int r = loaded;

	if (r == 0)
		r = open_unlock(o, secret, row_keyslot(row), need_data);
	cdisk_secret_free(secret);
	if (strcmp(expect, "open") == 0) {
		expect_open(o, row, r);
	} else if (strcmp(expect, "keyslot") == 0) {
		if (r != 0)
			fail_msg("%d: %s", r, o->c.message);
		assert_int_equal(o->d.n_segments, 0);
	} else if (strcmp(expect, "wrongkey") == 0) {
		assert_int_equal(r, -CDISK_ERR_PASSPHRASE);
	} else {
		expect_refuse(o, r);
	}
	if (strcmp(expect, "header") == 0)
		assert_int_equal(loaded, 0);
}

static void row_answers_as_listed(void **state)
{
	const struct row *row = *state;
	char path[IMAGE_PATH_MAX], hex[HEX_SHA256];
	struct opened o;
	int loaded;

	image_path(row, path);
	loaded = open_load(&o, path);
	expect_row(&o, row, loaded);
	sha256_fd(o.fd, hex);
	assert_string_equal(hex, row->column[COLUMN_SHA256]);
	open_done(&o);
}

static int unpack(const char *data)
{
	static const char *const archives[] = {"luks1", "luks2-mda", "luks-conversion", "luks-misc"};
	size_t i;

	for (i = 0; i < CDISK_ARRAY_SIZE(archives); i++)
		if (run("tar -xJf '%s/images/%s.tar.xz' -C '%s'", data, archives[i], workdir) != 0)
			return -EIO;
	return 0;
}

int main(void)
{
	static struct CMUnitTest tests[ROWS_MAX];
	const char *data = test_data();
	size_t i;
	int r;

	if (!data)
		return 77;
	if (workdir_make(NULL) != 0 || rows_read(data) != 0 || unpack(data) != 0)
		return 1;
	for (i = 0; i < n_rows; i++)
		tests[i] = (struct CMUnitTest){rows[i].column[COLUMN_ID], row_answers_as_listed,
					       NULL, NULL, &rows[i]};
	r = _cmocka_run_group_tests("luks_open", tests, n_rows, NULL, NULL);
	(void)workdir_remove(NULL);
	for (i = 0; i < n_rows; i++)
		free(rows[i].line);
	return r;
}
