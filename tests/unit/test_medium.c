// SPDX-License-Identifier: GPL-2.0-or-later
/* The drive below a container, from a sysfs that is made for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mount/medium.h"

static char sys[64];

static void put(const char *path, const char *text)
{
	char full[512], *slash;
	FILE *f;

	(void)snprintf(full, sizeof(full), "%s/%s", sys, path);
	for (slash = full + strlen(sys) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	if (!text)
		return;
	f = fopen(full, "we");
	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

static void number(const char *device, const char *to)
{
	char link[512], target[512];

	(void)snprintf(link, sizeof(link), "%s/dev/block/%s", sys, device);
	(void)snprintf(target, sizeof(target), "%s/%s", sys, to);
	assert_int_equal(symlink(target, link), 0);
}

#define STICK "devices/pci0/usb1/1-2/1-2:1.0/host6/block/sdb"
#define WEBCAM "devices/pci0/usb1/1-3/1-3:1.0/host7/block/sdc"
#define CARD "devices/pci0/mmc_host/mmc0/mmc0:0001/block/mmcblk0"
#define CHIP "devices/pci0/mmc_host/mmc1/mmc1:0001/block/mmcblk1"
#define DISK "devices/pci0/ata1/host0/block/sda"
#define ZIP "devices/pci0/ata2/host1/block/sdz"

static int sysfs_make(void **state)
{
	char link[512], target[512];

	(void)state;
	(void)strcpy(sys, "/tmp/cryptdisk-sys-XXXXXX");
	assert_non_null(mkdtemp(sys));
	put("dev/block/", NULL);
	put(STICK "/removable", "0\n");
	put(STICK "/sdb1/partition", "1\n");
	put(WEBCAM "/removable", "0\n");
	put("devices/pci0/usb1/1-3/removable", "fixed\n");
	put(CARD "/removable", "0\n");
	put("devices/pci0/mmc_host/mmc0/mmc0:0001/type", "SD\n");
	put(CHIP "/removable", "0\n");
	put("devices/pci0/mmc_host/mmc1/mmc1:0001/type", "MMC\n");
	put(DISK "/removable", "0\n");
	put(DISK "/sda2/partition", "2\n");
	put(ZIP "/removable", "1\n");
	put("devices/virtual/block/dm-0/slaves/", NULL);
	put("devices/virtual/block/dm-1/slaves/", NULL);
	number("8:16", STICK);
	number("8:17", STICK "/sdb1");
	number("8:32", WEBCAM);
	number("179:0", CARD);
	number("179:8", CHIP);
	number("8:2", DISK "/sda2");
	number("65:144", ZIP);
	number("253:0", "devices/virtual/block/dm-0");
	number("253:1", "devices/virtual/block/dm-1");
	(void)snprintf(target, sizeof(target), "%s/" STICK "/sdb1", sys);
	(void)snprintf(link, sizeof(link), "%s/devices/virtual/block/dm-0/slaves/sdb1", sys);
	assert_int_equal(symlink(target, link), 0);
	(void)snprintf(link, sizeof(link), "%s/devices/virtual/block/dm-1/slaves/sdb1", sys);
	assert_int_equal(symlink(target, link), 0);
	(void)snprintf(target, sizeof(target), "%s/" DISK "/sda2", sys);
	(void)snprintf(link, sizeof(link), "%s/devices/virtual/block/dm-1/slaves/sda2", sys);
	assert_int_equal(symlink(target, link), 0);
	/* A circle, which the kernel does not make. */
	put("devices/virtual/block/dm-2/slaves/", NULL);
	number("253:2", "devices/virtual/block/dm-2");
	(void)snprintf(target, sizeof(target), "%s/devices/virtual/block/dm-2", sys);
	(void)snprintf(link, sizeof(link), "%s/devices/virtual/block/dm-2/slaves/dm-2", sys);
	assert_int_equal(symlink(target, link), 0);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int sysfs_remove(void **state)
{
	(void)state;
	return nftw(sys, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void expect(uint32_t maj, uint32_t min, const char *drive, bool removable)
{
	struct cdisk_medium_search s = {.sys = sys};

	cdisk_medium_drives(&s, maj, min);
	assert_int_equal(s.n_drives, 1);
	assert_string_equal(s.drives[0], drive);
	assert_int_equal(!s.fixed, removable);
}

static void a_drive_is_removable_by_its_medium_or_its_bus(void **state)
{
	(void)state;
	expect(8, 16, "sdb", true);
	expect(8, 17, "sdb", true);
	expect(8, 32, "sdc", false); /* on USB, but built in */
	expect(179, 0, "mmcblk0", true);
	expect(179, 8, "mmcblk1", false);
	expect(8, 2, "sda", false);
	expect(65, 144, "sdz", true);
}

static void mappings_lead_to_the_drives_below(void **state)
{
	struct cdisk_medium_search s = {.sys = sys};

	(void)state;
	expect(253, 0, "sdb", true);
	cdisk_medium_drives(&s, 253, 1);
	assert_int_equal(s.n_drives, 2);
	assert_true(s.fixed); /* one of both cannot be taken out */
}

static void what_is_unknown_or_goes_in_circles_ends(void **state)
{
	struct cdisk_medium_search s = {.sys = sys};

	(void)state;
	cdisk_medium_drives(&s, 253, 2);
	cdisk_medium_drives(&s, 99, 99);
	assert_int_equal(s.n_drives, 0);
}

static void other_mounts_of_the_drive_are_named(void **state)
{
	static const char text[] =
		"21 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
		"22 21 8:17 / /media/stick rw - vfat /dev/sdb1 rw\n"
		"23 21 253:0 / /media/inside rw - ext4 /dev/mapper/x rw\n"
		"24 21 0:40 / /tmp rw - tmpfs tmpfs rw\n"
		"25 21 8:17 /a /media/stick rw - vfat /dev/sdb1 rw\n"
		"26 21 0:41 / /net rw - nfs host:/x rw\n";
	struct cdisk_medium_search s = {.sys = sys};
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	char **mounts = NULL;

	(void)state;
	assert_int_equal(cdisk_mountinfo_parse(strdup(text), &m), 0);
	cdisk_medium_drives(&s, 8, 16);
	assert_int_equal(cdisk_medium_mounts(&s, &m, &mounts), 2);
	assert_string_equal(mounts[0], "/media/stick");
	assert_string_equal(mounts[1], "/media/inside");
	assert_null(mounts[2]);
	cdisk_strv_free(mounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drive_is_removable_by_its_medium_or_its_bus),
		cmocka_unit_test(mappings_lead_to_the_drives_below),
		cmocka_unit_test(what_is_unknown_or_goes_in_circles_ends),
		cmocka_unit_test(other_mounts_of_the_drive_are_named),
	};

	return cmocka_run_group_tests(tests, sysfs_make, sysfs_remove);
}
