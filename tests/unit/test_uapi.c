// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ABI of the module as user space sees it: sizes, no hidden padding, the same layout for a
 * 32-bit caller, numbers that strace and others may rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <linux/cryptdisk.h>

static void structs_of_version_1_have_their_sizes(void **state)
{
	(void)state;
	assert_int_equal(CRYPTDISK_ABI, 1);
	assert_int_equal(sizeof(struct cryptdisk_attach), 136);
	assert_int_equal(sizeof(struct cryptdisk_target), 24);
	assert_int_equal(sizeof(struct cryptdisk_status), 160);
	assert_int_equal(sizeof(struct cryptdisk_resize), 24);
	assert_int_equal(sizeof(struct cryptdisk_note), 40);
	assert_int_equal(sizeof(struct cryptdisk_list), 16);
	assert_int_equal(sizeof(struct cryptdisk_event), 104);
}

/* A 32-bit compiler aligns 64-bit fields to 4: multiples of 8 lie at the same place for both. */
#define ALIGNED(type, field) assert_int_equal(offsetof(struct cryptdisk_##type, field) % 8, 0)

static void wide_fields_lie_where_a_32_bit_caller_has_them(void **state)
{
	(void)state;
	ALIGNED(attach, offset);
	ALIGNED(attach, length);
	ALIGNED(attach, devt);
	ALIGNED(attach, generation);
	ALIGNED(target, generation);
	ALIGNED(status, offset);
	ALIGNED(status, length);
	ALIGNED(status, devt);
	ALIGNED(status, generation);
	ALIGNED(status, backing_dev);
	ALIGNED(status, backing_ino);
	ALIGNED(status, io_errors);
	ALIGNED(resize, generation);
	ALIGNED(resize, length);
	ALIGNED(note, generation);
	ALIGNED(note, mnt_id);
	ALIGNED(note, mnt_ns);
	ALIGNED(list, indices);
	ALIGNED(event, seq);
	ALIGNED(event, lost);
	ALIGNED(event, time_ns);
	ALIGNED(event, devt);
	ALIGNED(event, generation);
	ALIGNED(event, arg);
}

static void no_field_hides_padding_behind_it(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct cryptdisk_attach, volume_id), 32);
	assert_int_equal(offsetof(struct cryptdisk_attach, label), 48);
	assert_int_equal(offsetof(struct cryptdisk_attach, index), 112);
	assert_int_equal(offsetof(struct cryptdisk_attach, generation), 128);
	assert_int_equal(offsetof(struct cryptdisk_target, pad), 20);
	assert_int_equal(offsetof(struct cryptdisk_status, label), 48);
	assert_int_equal(offsetof(struct cryptdisk_status, pad), 148);
	assert_int_equal(offsetof(struct cryptdisk_status, io_errors), 152);
	assert_int_equal(offsetof(struct cryptdisk_note, mnt_ns), 32);
	assert_int_equal(offsetof(struct cryptdisk_event, volume_id), 48);
	assert_int_equal(offsetof(struct cryptdisk_event, index), 64);
	assert_int_equal(offsetof(struct cryptdisk_event, arg), 72);
}

static void ioctls_have_their_numbers(void **state)
{
	(void)state;
	assert_int_equal(CRYPTDISK_IOC_ABI, 0xda00);
	assert_int_equal(CRYPTDISK_IOC_ATTACH, 0xc088da01);
	assert_int_equal(CRYPTDISK_IOC_DETACH, 0x4018da02);
	assert_int_equal(CRYPTDISK_IOC_STATUS, 0xc0a0da03);
	assert_int_equal(CRYPTDISK_IOC_RESIZE, 0x4018da04);
	assert_int_equal(CRYPTDISK_IOC_NOTE, 0x4028da05);
	assert_int_equal(CRYPTDISK_IOC_LIST, 0xc010da06);
	assert_int_equal(CRYPTDISK_IOC_EVMASK, 0x4008da07);
}

static void events_keep_their_numbers_and_the_chatty_ones_are_off(void **state)
{
	(void)state;
	assert_int_equal(CRYPTDISK_EV_ATTACHED, 1);
	assert_int_equal(CRYPTDISK_EV_DETACHED, 2);
	assert_int_equal(CRYPTDISK_EV_MOUNTED, 6);
	assert_int_equal(CRYPTDISK_EV_UNMOUNTED, 7);
	assert_int_equal(CRYPTDISK_EV_IO_ERROR, 10);
	assert_true(CRYPTDISK_EVMASK_DEFAULT == ~0x38ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structs_of_version_1_have_their_sizes),
		cmocka_unit_test(wide_fields_lie_where_a_32_bit_caller_has_them),
		cmocka_unit_test(no_field_hides_padding_behind_it),
		cmocka_unit_test(ioctls_have_their_numbers),
		cmocka_unit_test(events_keep_their_numbers_and_the_chatty_ones_are_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
