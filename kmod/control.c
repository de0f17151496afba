// SPDX-License-Identifier: GPL-2.0-only
/* The control node: who may ask, and how a request is copied in and out. */
#include <linux/capability.h>
#include <linux/miscdevice.h>

#include "disk.h"

union arguments {
	u32 size;
	struct cryptdisk_attach attach;
	struct cryptdisk_target target;
	struct cryptdisk_status status;
	struct cryptdisk_resize resize;
	struct cryptdisk_note note;
	struct cryptdisk_list list;
};

static const struct {
	u32 size, size_v1;
	bool changes, replies;
	int (*run)(void *arguments);
} requests[] = {
#define REQUEST(name, type, size_v1, changes, replies, run) \
	[_IOC_NR(CRYPTDISK_IOC_##name)] = {                 \
		sizeof(struct cryptdisk_##type), size_v1, changes, replies, run}
	REQUEST(ATTACH, attach, 136, true, true, cdisk_disk_attach),
	REQUEST(DETACH, target, 24, true, false, cdisk_request_detach),
	REQUEST(STATUS, status, 160, false, true, cdisk_request_status),
	REQUEST(RESIZE, resize, 24, true, false, cdisk_request_resize),
	REQUEST(NOTE, note, 40, true, false, cdisk_request_note),
	REQUEST(LIST, list, 16, false, true, cdisk_request_list),
};
static_assert(sizeof(struct cryptdisk_attach) == 136 && sizeof(struct cryptdisk_target) == 24);
static_assert(sizeof(struct cryptdisk_status) == 160 && sizeof(struct cryptdisk_resize) == 24);
static_assert(sizeof(struct cryptdisk_note) == 40 && sizeof(struct cryptdisk_list) == 16);
static_assert(sizeof(struct cryptdisk_event) == 104);

/* A disk that its owner cannot know of goes again. By force: udev may have it open. */
static void attach_undo(const struct cryptdisk_attach *attached)
{
	struct cryptdisk_target target = {
		.index = attached->index,
		.generation = attached->generation,
		.flags = CRYPTDISK_DETACH_FORCE,
	};

	cdisk_request_detach(&target);
}

static int request_copied(unsigned int nr, void __user *user)
{
	u32 known = requests[nr].size, size;
	union arguments arguments;
	int err;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < requests[nr].size_v1 || size > PAGE_SIZE)
		return -EINVAL;
	err = copy_struct_from_user(&arguments, known, user, size);
	if (err)
		return err;
	arguments.size = size; /* whatever another thread wrote there meanwhile */
	err = requests[nr].run(&arguments);
	if (err || !requests[nr].replies)
		return err;
	if (!copy_to_user(user, &arguments, min(size, known)))
		return 0;
	if (requests[nr].run == cdisk_disk_attach)
		attach_undo(&arguments.attach);
	return -EFAULT;
}

/* By type and number only: the other bits of cmd are the size of the caller's struct. */
static long control_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd);
	void __user *user = (void __user *)arg;

	if (_IOC_TYPE(cmd) != CRYPTDISK_IOC)
		return -ENOTTY;
	if (nr == _IOC_NR(CRYPTDISK_IOC_ABI))
		return CRYPTDISK_ABI;
	if (nr == _IOC_NR(CRYPTDISK_IOC_EVMASK))
		return cdisk_event_select(file, user);
	if (nr >= ARRAY_SIZE(requests))
		return -ENOTTY;
	if (requests[nr].changes && (!(file->f_mode & FMODE_WRITE) || !capable(CAP_SYS_ADMIN)))
		return -EPERM;
	return request_copied(nr, user);
}

static const struct file_operations control_operations = {
	.owner = THIS_MODULE,
	.open = cdisk_event_open,
	.release = cdisk_event_release,
	.read = cdisk_event_read,
	.poll = cdisk_event_poll,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cryptdisk-control",
	.mode = 0600,
	.fops = &control_operations,
};

static int __init control_init(void)
{
	int err = cdisk_disk_init();

	if (err)
		return err;
	err = misc_register(&control);
	if (err)
		cdisk_disk_exit();
	return err;
}

static void __exit control_exit(void)
{
	misc_deregister(&control);
	cdisk_disk_exit();
}

module_init(control_init);
module_exit(control_exit);
MODULE_DESCRIPTION("Block device over an open file, with a stable volume ID and events");
MODULE_LICENSE("GPL");
MODULE_VERSION(CDISK_VERSION);
