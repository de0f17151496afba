// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PBKDF2, key slot decryption, anti-forensic merge and sector ciphers together, on images that
 * others made: LUKS1 is simple enough to be read here in a few lines. What comes out is compared
 * with the SHA-256 of opens.tsv.
 */
#include "crypto_vectors.h"

#include <endian.h>
#include <gcrypt.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "base/io.h"
#include "base/secret.h"
#include "crypto/crypto.h"

#define SLOT_ACTIVE 0x00ac71f3u
#define SECTOR 512u

struct slot {
	uint32_t active, iterations;
	uint8_t salt[32];
	uint32_t offset, stripes;
} __attribute__((packed));

struct header {
	uint8_t magic[6];
	uint16_t version;
	char cipher[32], mode[32], hash[32];
	uint32_t payload, key_size;
	uint8_t digest[20], salt[32];
	uint32_t iterations;
	char uuid[40];
	struct slot slots[8];
} __attribute__((packed));

static char directory[] = "/tmp/test-crypto-luks1-XXXXXX";

static void kdf_of(
	struct cdisk_kdf *kdf, const struct header *h, uint32_t iterations, const uint8_t salt[32])
{
	memset(kdf, 0, sizeof(*kdf));
	snprintf(kdf->type, sizeof(kdf->type), "pbkdf2");
	snprintf(kdf->hash, sizeof(kdf->hash), "%.31s", h->hash);
	kdf->passes = be32toh(iterations);
	kdf->salt_size = 32;
	memcpy(kdf->salt, salt, 32);
}

/* The volume key of one slot; false when the passphrase does not open it. */
static bool slot_open(int fd, const struct header *h, const struct slot *slot,
	struct cdisk_secret *passphrase, struct cdisk_secret *key)
{
	uint32_t size = be32toh(h->key_size), stripes = be32toh(slot->stripes);
	size_t area = ((size_t)size * stripes + SECTOR - 1) / SECTOR * SECTOR;
	struct cdisk_secret *slot_key, *split;
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;
	struct cdisk_kdf kdf;
	uint8_t digest[20];

	assert_int_equal(cdisk_secret_alloc(size, &slot_key), 0);
	assert_int_equal(cdisk_secret_alloc(area, &split), 0);
	kdf_of(&kdf, h, slot->iterations, slot->salt);
	assert_int_equal(
		cdisk_kdf_derive(&kdf, passphrase, cdisk_secret_data(slot_key), size, NULL, NULL),
		0);
	assert_int_equal(cdisk_cipher_parse(h->cipher, h->mode, size, SECTOR, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, cdisk_secret_data(slot_key), &c), 0);
	assert_int_equal(cdisk_pread_full(fd, cdisk_secret_data(split), area,
				 (uint64_t)be32toh(slot->offset) * SECTOR),
		0);
	assert_int_equal(cdisk_cipher_decrypt(
				 c, 0, cdisk_secret_data(split), cdisk_secret_data(split), area),
		0);
	assert_int_equal(cdisk_af_merge(h->hash, cdisk_secret_data(split), cdisk_secret_data(key),
				 size, stripes),
		0);
	kdf_of(&kdf, h, h->iterations, h->salt);
	assert_int_equal(cdisk_kdf_derive(&kdf, key, digest, sizeof(digest), NULL, NULL), 0);
	cdisk_cipher_free(c);
	cdisk_secret_free(split);
	cdisk_secret_free(slot_key);
	return cdisk_memequal(digest, h->digest, sizeof(digest));
}

/* SHA-256 of the first bytes of the payload. */
static void payload_hash(int fd, const struct header *h, struct cdisk_secret *key, uint64_t bytes,
	uint8_t digest[32])
{
	uint64_t at = (uint64_t)be32toh(h->payload) * SECTOR;
	static uint8_t buf[1 << 16];
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;
	gcry_md_hd_t md;

	assert_int_equal(
		cdisk_cipher_parse(h->cipher, h->mode, be32toh(h->key_size), SECTOR, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, cdisk_secret_data(key), &c), 0);
	assert_int_equal(gcry_md_open(&md, GCRY_MD_SHA256, 0), 0);
	for (uint64_t done = 0; done < bytes; done += sizeof(buf)) {
		size_t n = bytes - done < sizeof(buf) ? bytes - done : sizeof(buf);

		assert_int_equal(cdisk_pread_full(fd, buf, n, at + done), 0);
		assert_int_equal(cdisk_cipher_decrypt(c, done / SECTOR, buf, buf, n), 0);
		gcry_md_write(md, buf, n);
	}
	memcpy(digest, gcry_md_read(md, GCRY_MD_SHA256), 32);
	gcry_md_close(md);
	cdisk_cipher_free(c);
}

/* The image must open with the secret and hold exactly the expected plaintext. */
static void image_check(
	const char *image, struct cdisk_secret *passphrase, const char *sha256, uint64_t bytes)
{
	uint8_t expected[32], digest[32];
	struct cdisk_secret *key;
	struct header h;
	bool opened = false;
	int fd = open(image, O_RDONLY | O_CLOEXEC);

	print_message("%s\n", strrchr(image, '/') + 1);
	assert_true(fd >= 0);
	assert_int_equal(cdisk_pread_full(fd, &h, sizeof(h), 0), 0);
	assert_int_equal(be16toh(h.version), 1);
	assert_int_equal(cdisk_secret_alloc(be32toh(h.key_size), &key), 0);
	for (int i = 0; i < 8 && !opened; i++) {
		if (be32toh(h.slots[i].active) == SLOT_ACTIVE)
			opened = slot_open(fd, &h, &h.slots[i], passphrase, key);
	}
	assert_true(opened);
	payload_hash(fd, &h, key, bytes, digest);
	assert_int_equal(hex_decode(sha256, expected, sizeof(expected)), 32);
	assert_memory_equal(digest, expected, 32);
	cdisk_secret_free(key);
	close(fd);
}

static struct cdisk_secret *key_file(const char *path)
{
	struct cdisk_secret *s;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(cdisk_secret_alloc((size_t)st.st_size, &s), 0);
	assert_int_equal(cdisk_pread_full(fd, cdisk_secret_data(s), (size_t)st.st_size, 0), 0);
	close(fd);
	return s;
}

static bool unpack(const char *data, const char *archive)
{
	char command[9000];

	snprintf(command, sizeof(command), "test -r '%s/%s' && tar -xJf '%s/%s' -C %s 2>/dev/null",
		data, archive, data, archive, directory);
	return system(command) == 0;
}

/* A file of the unpacked archives, wherever in them it lies. */
static void find_file(const char *name, char *path, size_t size)
{
	char command[300];
	FILE *f;

	snprintf(command, sizeof(command), "find %s -name '%s' -type f", directory, name);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(path, (int)size, f));
	path[strcspn(path, "\n")] = '\0';
	pclose(f);
}

/* One line of opens.tsv; true when it was a LUKS1 row with a plaintext hash of that archive. */
static bool row_check(char *line, const char *archive)
{
	char *column[24] = {0}, path[4096];
	struct cdisk_secret *secret;
	size_t n = 0;

	for (char *s; n < 24 && (s = strsep(&line, "\t")); n++)
		column[n] = s;
	if (n < 12 || strcmp(column[2], "luks1") != 0 || strcmp(column[4], archive) != 0 ||
		strcmp(column[8], "open") != 0 || column[9][0] == '\0')
		return false;
	if (strstr(column[7], "-d keyfile1")) {
		find_file("keyfile1", path, sizeof(path));
		secret = key_file(path);
	} else {
		assert_int_equal(cdisk_secret_copy(column[6], strlen(column[6]), &secret), 0);
	}
	find_file(column[3], path, sizeof(path));
	image_check(path, secret, column[9], strtoull(column[11], NULL, 10));
	cdisk_secret_free(secret);
	return true;
}

static void archive_check(const char *archive, int expected)
{
	const char *data = getenv("CRYPTDISK_TEST_DATA");
	char path[4096], line[4096];
	FILE *f;
	int run = 0;

	if (!data || !unpack(data, archive)) {
		print_message("SKIPPED: %s is not in CRYPTDISK_TEST_DATA\n", archive);
		skip();
	}
	snprintf(path, sizeof(path), "%s/opens.tsv", data);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		run += row_check(line, archive);
	}
	fclose(f);
	assert_int_equal(run, expected);
}

/* aes-lrw, aes-xts, serpent-xts, twofish-xts; sha1, sha256, whirlpool. */
static void luks1_images_hold_the_recorded_plaintext(void **state)
{
	(void)state;
	archive_check("images/luks1.tar.xz", 7);
}

/* aes-cbc-essiv:sha256 and aes-cbc-plain. */
static void old_luks1_images_hold_the_recorded_plaintext(void **state)
{
	(void)state;
	archive_check("images/luks-misc.tar.xz", 2);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(directory) ? cdisk_crypto_init() : -1;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(luks1_images_hold_the_recorded_plaintext),
		cmocka_unit_test(old_luks1_images_hold_the_recorded_plaintext),
	};

	if (!getenv("CRYPTDISK_TEST_DATA") || access(getenv("CRYPTDISK_TEST_DATA"), R_OK) != 0) {
		print_message("SKIPPED: no images: CRYPTDISK_TEST_DATA names no directory\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
